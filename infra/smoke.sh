#!/bin/sh
# What a fresh deployment must answer. Leaves nothing behind but a count of who asked, which expires; sh and curl.
#   infra/smoke.sh https://api.example.com https://portal.example.com
# The second, the portal's origin, may be left out; then what a browser is told is not asked.
set -u

api=${1:?usage: infra/smoke.sh API [PORTAL]}
api=${api%/}
portal=${2:-}
portal=${portal%/}
failed=0

# asks <what it shows> <status, ? for any digit> <text in the answer> <method> <path> [curl's options]
asks() {
    shows=$1 wanted=$2 text=$3 method=$4 where=$5
    shift 5
    if ! answer=$(curl -sS -i --max-time 20 -X "$method" "$@" "$api$where" 2>&1); then
        failed=1
        printf 'FAILED  %s: %s %s: %s\n' "$shows" "$method" "$where" "$answer"
        return
    fi
    # A proxy on the way may put a status of its own before.
    got=$(printf '%s\n' "$answer" | sed -n 's/^HTTP\/[0-9.]* \([0-9]*\).*/\1/p' | tail -n 1)
    # A pattern on purpose.
    case $got in $wanted) right=yes ;; *) right= ;; esac
    if [ -n "$right" ] && printf '%s\n' "$answer" | grep -qiF -- "$text"; then
        printf 'ok      %s\n' "$shows"
    else
        failed=1
        printf 'FAILED  %s: %s %s: wanted %s and %s, got %s\n' "$shows" "$method" "$where" "$wanted" "$text" "$got"
        printf '%s\n' "$answer" | sed 's/^/        /'
    fi
}

asks 'public keys of tokens' 200 '"kty":"OKP"' GET /.well-known/jwks.json
# A function that lacks a variable, or holds a malformed one, does not start, and answers 500.
for where in /v1/practice /v1/staff /v1/me /v1/clients /v1/clients/x/portal /v1/imports /v1/files/x /v1/exports/x \
    /v1/appointments /v1/invoices/x /v1/notes/x /v1/clinical-notes/x /v1/tasks/x /v1/inbox /v1/forms \
    /v1/services /v1/calendar-feeds; do
    asks "nobody is let in at $where" 401 '"code":"unauthenticated"' GET "$where"
done
asks 'unsigned payments are not believed' 400 '"code":"signature_invalid"' POST /v1/webhooks/payments -d '{}'
asks 'what is not there' 404 'not' GET /nothing
asks 'the table is there: sign-in counts who asks' 202 '"message"' POST /v1/auth/sign-in \
    -H 'content-type: application/json' -d '{"email":"nobody@example.com"}'
if [ -n "$portal" ]; then
    # The gateway answers 204 by itself, the local server 200.
    asks "pages of $portal may call" '20?' "access-control-allow-origin: $portal" OPTIONS /v1/me \
        -H "origin: $portal" -H 'access-control-request-method: GET'
fi

[ "$failed" -eq 0 ] && echo 'all answered as they must'
exit "$failed"
