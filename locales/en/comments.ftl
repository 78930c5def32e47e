# Comments on articles, which another server keeps (comments.provider).

# $host is the server that keeps the comments.
comments-elsewhere = The comments are kept by { $host }. Showing them connects your browser to that server.
comments-show = Show comments
# Shown in a browser without scripts. $host is the server that keeps the comments.
comments-need-script = The comments of { $host } need JavaScript.
