# The frame of the console for operators, and its first page.
console = console
console-navigation = Pages of the console
console-today = Today
console-empty = Nothing needs you right now.
console-account = Your account
sign-out = Sign out { $name }
role-owner = owner
role-publisher = publisher
role-editor = editor
role-analyst = analyst
not-permitted-title = Your role does not permit this
not-permitted-happened = You are signed in with the role “{ $role }”. Nothing was changed.
not-permitted-next = Ask an owner of the site to do it, or to change your role.
needs-https-title = The console needs HTTPS
needs-https-happened = site.url begins with http:// and is not on this machine, so others on the network could read passwords.
needs-https-next = Set site.url to an address with https://.

# A form that was sent after the session had ended.
session-ended-title = You are signed out
session-ended-text = Your session ended while the form was open. Nothing was saved.
session-ended-sign-in = Sign in (in a new window)
session-ended-resend = Send the form again
session-ended-kept = What you typed is kept on this page. Sign in, then press the button.
session-ended-back = Sign in, then go back in your browser and send the form again.
console-operators = Operators
console-audit = Audit log
console-tokens = API tokens
console-help = Help

# The documentation of Daywire at /docs. Its pages are in English; these texts are around them.
docs = Documentation
docs-navigation = Pages of the documentation
