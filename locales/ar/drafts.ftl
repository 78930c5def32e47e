# The pages of the console about drafts and issues, and what needs an operator today.
console-drafts = المسودات
console-issues = الأعداد
state-draft = مسودة
state-approved = معتمد
state-sending = قيد الإرسال
state-paused = متوقف مؤقتًا
state-sent = أُرسل
state-skipped = تُخطّي
state-cancelled = أُلغي
delivery-queued = في الانتظار
delivery-sending = قيد الإرسال
delivery-accepted = مقبولة
delivery-deferred = مؤجلة
delivery-rejected = مرفوضة
delivery-suppressed = محجوبة
delivery-expired = منتهية المهلة
delivery-in-doubt = غير مؤكدة

# The list of drafts.
drafts-lede = أعداد جُمعت ولم تُرسل بعد.
drafts-empty = لا توجد مسودة في الانتظار. النشرة التي لها جدول تجمع مسودتها قبل موعدها، ويمكنكم أيضًا جمع واحدة الآن.
drafts-build = جمع مسودة الآن
drafts-build-note = من المقالات التي تنتظر النشرة.
drafts-nothing = لا يوجد ما يُرسل في { $newsletter }:
draft-name = { $newsletter }، العدد { $number }
draft-time-in-utc = { $local } ({ $utc })
draft-goes-out = يُرسل في { $time }
draft-was-due = كان موعده { $time }
draft-on-demand = يُرسل حين يرسله أحد
draft-waits-for-approval = ينتظر الاعتماد

# A draft.
draft-approve = اعتماد
draft-withdraw = سحب الاعتماد
draft-send = الإرسال الآن…
draft-cancel = إلغاء العدد
draft-readers = القراء والطبعات
draft-publisher-approves = يعتمده ناشر أو مالك. ولا يُرسل قبل ذلك.
draft-checks = الفحوص
draft-checks-passed = لم تجد الفحوص شيئًا. يمكن إرسال العدد.
finding-blocks = يوقف العدد
finding-warns = تنبيه
finding-size = الرسالة كبيرة جدًا
finding-headers = ترويسة ناقصة أو خاطئة
finding-unsubscribe = لا يمكن إلغاء الاشتراك في كل مكان
finding-https = رابط إلغاء الاشتراك غير آمن
finding-text = النسخة النصية ينقصها شيء
finding-links = رابط خاطئ
finding-images = صورة ينقصها الحجم أو الوصف
finding-contrast = نص تصعب قراءته
finding-subject = الموضوع ناقص أو طويل جدًا
finding-postal-address = العنوان البريدي ناقص
finding-document = اللغة أو العنوان ناقص
finding-hidden-text = نص مخفي
finding-support = بعض برامج البريد لا تعرض كل شيء
draft-stories =
    { $count ->
        [zero] لا أخبار في العدد
        [one] خبر واحد في العدد
        [two] خبران في العدد
        [few] { $count } أخبار في العدد
        [many] { $count } خبرًا في العدد
       *[other] { $count } خبر في العدد
    }
draft-left-out = خارج العدد
draft-show-all =
    { $count ->
        [zero] لا مزيد
        [one] عرض واحد آخر
        [two] عرض اثنين آخرين
        [few] عرض { $count } أخرى
        [many] عرض { $count } أخرى
       *[other] عرض { $count } أخرى
    }
story-drag = اسحبوا الخبر إلى مكان آخر
story-up = إلى أعلى
story-down = إلى أسفل
story-pin = تثبيت
story-unpin = إلغاء التثبيت
story-pinned = مثبت
story-put-in = إدراج
story-more = تعديل
story-score = الدرجة { $score }
story-headline = العنوان
story-headline-note = اتركوه فارغًا لاستعمال عنوان المقال.
story-change-headline = حفظ العنوان
story-place = المكان
story-place-wrong = اكتبوا مكانًا من 1 إلى { $count }.
story-move = نقل
story-because = سبب الاستبعاد
story-drop = استبعاد
story-join-with = الضم إلى الخبر
story-join = ضم
story-split = جعله خبرًا مستقلًا
story-split-note = هذه المقالات خبر واحد.
story-unknown = لم يعد هذا الخبر في المسودة. انظروا إليها مرة أخرى.
draft-texts = الموضوع والمقدمة
draft-subject = الموضوع
draft-subject-note = اتركوه فارغًا لاستعمال موضوع النشرة. تُستبدل هذه الكلمات:
draft-subject-wrong = لا يمكن استعمال هذا الموضوع: { $reason }
slot-lead = العنوان الأول
slot-date = تاريخ العدد
slot-count = عدد الأخبار
slot-newsletter = اسم النشرة
slot-number = رقم العدد
draft-intro = المقدمة
draft-intro-note = نص قصير قبل الأخبار.
draft-save-texts = حفظ
draft-reset = التراجع عن كل التعديلات
draft-reset-note = تعود المسودة كما جُمعت: الترتيب والعناوين والموضوع والمقدمة.
draft-would-be-empty = لن يبقى أي خبر. ألغوا العدد بدلًا من ذلك.
draft-test-send = إرسال تجربة
draft-test-to = بريد التجربة
draft-test-waits = { $to }: في انتظار الإرسال
draft-test-retried = { $to }: تُعاد المحاولة، لأن { $reply }
draft-test-accepted = { $to }: أُرسلت { $time }
draft-test-failed = { $to }: لم تُرسل، لأن { $reply }
draft-test-interrupted = { $outcome }. انتهى البرنامج أثناء إرسال هذه التجربة، وأُعيدت إلى قائمة الإرسال { $time }، لذلك قد تصل مرتين.
draft-preview = معاينة
preview-phone = على الهاتف
preview-desktop = على الحاسوب
preview-text = نصًا
draft-back = العودة إلى المسودة
notice-draft-built = جُمعت المسودة.
notice-draft-changed = عُدّلت المسودة.
notice-draft-approved = اعتُمد العدد. أي تعديل يسحب الاعتماد.
notice-approval-withdrawn = سُحب الاعتماد.
notice-draft-cancelled = أُلغي العدد. تنتظر مقالاته العدد التالي.
notice-test-queued = التجربة في الطريق. أعيدوا تحميل الصفحة لمعرفة النتيجة.

# Two operators changed a draft.
conflict-title = عدّل شخص هذه المسودة في هذه الأثناء
conflict-by-program = صُحح مقال فيها، أو عدّلها الجدول.
conflict-kept = لم يُستبدل شيء. انظروا إلى المسودة كما هي الآن، ثم قرروا بشأن ما أردتم فعله:
conflict-again = تنفيذ الآن: { $action }
conflict-gone = لم يعد تعديل العدد ممكنًا. حالته: { $state }.
draft-changed-by = عدّلها { $name }، { $time }
draft-approved-by = اعتمدها { $name }، { $time }
draft-withdrawn-by = سحب { $name } الاعتماد، { $time }
draft-sent-by = أرسلها { $name }، { $time }
draft-cancelled-by = ألغاها { $name }، { $time }

# The question before an issue is sent or cancelled.
send-title = إرسال { $issue } الآن؟
send-readers =
    { $count ->
        [zero] لا يصل إلى أي قارئ.
        [one] يصل إلى قارئ واحد.
        [two] يصل إلى قارئين.
        [few] يصل إلى { $count } قراء.
        [many] يصل إلى { $count } قارئًا.
       *[other] يصل إلى { $count } قارئ.
    }
send-weekly =
    { $count ->
        [zero] لا أحد منهم يتلقى الطبعة الأسبوعية.
        [one] واحد منهم يتلقى الطبعة الأسبوعية.
        [two] اثنان منهم يتلقيان الطبعة الأسبوعية.
        [few] { $count } منهم يتلقون الطبعة الأسبوعية.
        [many] { $count } منهم يتلقون الطبعة الأسبوعية.
       *[other] { $count } منهم يتلقون الطبعة الأسبوعية.
    }
send-not-mailed = دون إرسال:
send-instead-of = كان سيُرسل من تلقاء نفسه في { $time }.
send-button =
    { $count ->
        [zero] إرسال
        [one] إرسال إلى قارئ واحد
        [two] إرسال إلى قارئين
        [few] إرسال إلى { $count } قراء
        [many] إرسال إلى { $count } قارئًا
       *[other] إرسال إلى { $count } قارئ
    }
send-needs-approval = ينتظر العدد الاعتماد. اقرؤوه واعتمدوه ثم أرسلوه.
send-no-reader = لن يصل إلى أحد. يبقى العدد كما هو ويحتفظ بمقالاته.
send-blocked = لم يُرسل شيء. أوقفت الفحوص العدد: { $reason }
cancel-title = إلغاء { $issue }؟
cancel-text = لن يُرسل منه شيء. تنتظر مقالاته العدد التالي.
editions-none = يتلقى كل القراء العدد نفسه.
edition-unapproved = غير معتمدة: يتلقى قراؤها العدد كاملًا

# Issues that were sent.
issues-empty = لم يُرسل أي عدد بعد.
issues-older = أعداد أقدم
issue-recipients =
    { $count ->
        [zero] لا مستلمين
        [one] مستلم واحد
        [two] مستلمان
        [few] { $count } مستلمين
        [many] { $count } مستلمًا
       *[other] { $count } مستلم
    }
issue-started = بدأ { $time }
issue-finished = انتهى { $time }
issue-progress = اكتمل { $done } من { $total }
issue-live = تتجدد الأرقام من تلقاء نفسها.
issue-reload = إعادة التحميل
issue-in-archive = عرض العدد كما يراه القراء
issue-pause = إيقاف مؤقت
issue-resume = استئناف
issue-settle-accepted = وصلت
issue-settle-resend = إرسالها مرة أخرى
issue-pause-text = تكتمل الرسائل التي في الطريق ولا تُرسل أخرى. يمكنكم استئناف العدد لاحقًا.
issue-resume-text = تُرسل الرسائل الباقية.
issue-cancel-text = لا تُرسل الرسائل الباقية. لا يمكن التراجع عن ذلك.
issue-settle-accepted-text = تُحسب الرسائل غير المؤكدة مقبولة. لا يُرسل شيء آخر إلى هؤلاء القراء.
issue-settle-resend-text = تُرسل الرسائل غير المؤكدة مرة أخرى بنفس Message-ID. قد يتلقى بعض القراء العدد مرتين.
issue-in-doubt =
    { $count ->
        [zero] لا رسائل غير مؤكدة
        [one] رسالة واحدة غير مؤكدة
        [two] رسالتان غير مؤكدتين
        [few] { $count } رسائل غير مؤكدة
        [many] { $count } رسالة غير مؤكدة
       *[other] { $count } رسالة غير مؤكدة
    }
issue-in-doubt-text = انقطع الاتصال بخادم الإرسال وهو يستلم هذه الرسائل. ربما قبلها وربما لا. انظروا في سجله ثم قرروا.
issue-back = العودة إلى العدد
issue-proof = تقرير الإرسال
report-came-back = ما عاد
report-hard-bounces = ارتداد دائم
report-soft-bounces = ارتداد مؤقت
report-other-bounces = ارتداد آخر
report-complaints = شكاوى
report-domains = حسب نطاق المستلم
report-domain = النطاق
report-editions = الطبعات
report-state = الحالة
report-reason = السبب
report-deliveries = الرسائل
report-sum = المجموع
report-adds-up = حُسب كل مستلم مرة واحدة
report-differs = كان للعدد عند البدء عدد آخر من المستلمين
proof-balanced =
    { $count ->
        [zero] التقرير سليم: لا مستلمين.
        [one] التقرير سليم: مستلم واحد، في حالة واحدة ولها سبب.
        [two] التقرير سليم: مستلمان، كل منهما في حالة واحدة ولها سبب.
        [few] التقرير سليم: { $count } مستلمين، كل منهم في حالة واحدة ولها سبب.
        [many] التقرير سليم: { $count } مستلمًا، كل منهم في حالة واحدة ولها سبب.
       *[other] التقرير سليم: { $count } مستلم، كل منهم في حالة واحدة ولها سبب.
    }
proof-unbalanced = التقرير غير سليم: حُسب { $counted } مستلمًا، وكانوا { $frozen } عند البدء.
notice-sending-started = العدد قيد الإرسال.
notice-issue-paused = أُوقف العدد مؤقتًا.
notice-issue-resumed = استؤنف إرسال العدد.
notice-issue-cancelled = أُلغي العدد.
notice-issue-settled = تقرر أمر الرسائل غير المؤكدة.
notice-issue-state-changed = لم يُفعل شيء، لأن العدد صار في حالة أخرى.

# What needs an operator today.
today-needs = ما يحتاج إليكم
today-next = ما يُرسل تاليًا
today-last = العدد الأخير
today-no-newsletter = لا توجد نشرة بعد. ينشئها الناشرون والملاك في صفحة «النشرات».
today-no-schedule = لا جدول لأي نشرة. اجمعوا مسودة وأرسلوها بأنفسكم.
today-numbers = مقبولة { $accepted }، مرفوضة { $rejected }، باقية { $open }
need-relay = خادم الإرسال لا يقبل البريد
need-paused = { $issue } متوقف مؤقتًا
need-in-doubt =
    { $count ->
        [zero] لا رسائل غير مؤكدة من { $issue }
        [one] رسالة واحدة من { $issue } غير مؤكدة
        [two] رسالتان من { $issue } غير مؤكدتين
        [few] { $count } رسائل من { $issue } غير مؤكدة
        [many] { $count } رسالة من { $issue } غير مؤكدة
       *[other] { $count } رسالة من { $issue } غير مؤكدة
    }
need-feeds =
    { $count ->
        [zero] لا خلاصات معطلة
        [one] خلاصة واحدة معطلة
        [two] خلاصتان معطلتان
        [few] { $count } خلاصات معطلة
        [many] { $count } خلاصة معطلة
       *[other] { $count } خلاصة معطلة
    }
need-comments =
    { $count ->
        [zero] لا تعليقات تنتظركم
        [one] تعليق واحد ينتظركم
        [two] تعليقان ينتظرانكم
        [few] { $count } تعليقات تنتظركم
        [many] { $count } تعليقًا ينتظركم
       *[other] { $count } تعليق ينتظركم
    }
need-alerts =
    { $count ->
        [zero] لم يُبلغ أي حد للارتداد أو الشكاوى
        [one] بُلغ حد واحد للارتداد أو الشكاوى
        [two] بُلغ حدّان للارتداد أو الشكاوى
        [few] بُلغت { $count } حدود للارتداد أو الشكاوى
        [many] بُلغ { $count } حدًا للارتداد أو الشكاوى
       *[other] بُلغ { $count } حد للارتداد أو الشكاوى
    }
