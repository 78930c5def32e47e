# Read by the scripts of the corpus before they run (BASH_ENV). They give each server that they start a fixed time, in which it may not have
# started on a busy machine. With this function they wait until it listens, for at most a minute.
sleep() {
    local attempt
    for ((attempt = 0; attempt < 1200; attempt++)); do
        if (: <"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then return 0; fi
        command sleep 0.05
    done
    echo "no server listens on port $PORT" >&2
    return 1
}
