# الرسائل إلى القراء: التأكيد والإشعارات عن الاشتراك والنشرة نفسها.

confirm-mail-subject = تأكيد الاشتراك في { $newsletters }
confirm-mail-request = طلب شخص ما، ويُرجَّح أنه أنتم، من { $site } إرسال { $newsletters } إلى هذا العنوان. يبدأ الإرسال بعد تأكيدكم.
confirm-mail-button = افتحوا صفحة التأكيد
confirm-mail-open = إذا لم يعمل الزر فافتحوا هذا العنوان:
confirm-mail-open-text = للتأكيد افتحوا هذا العنوان واضغطوا الزر في صفحته:
confirm-mail-valid = يعمل الرابط مرة واحدة { $within }. يفتح صفحة فيها زر واحد، ولا يحدث شيء ما لم تضغطوه.
confirm-mail-valid-text = يعمل الرابط مرة واحدة { $within }. لا يحدث شيء ما لم تضغطوا الزر في صفحته.
within-minutes =
    { $count ->
        [zero] فورًا
        [one] خلال دقيقة
        [two] خلال دقيقتين
        [few] خلال { $count } دقائق
        [many] خلال { $count } دقيقة
       *[other] خلال { $count } دقيقة
    }
within-hours =
    { $count ->
        [zero] فورًا
        [one] خلال ساعة
        [two] خلال ساعتين
        [few] خلال { $count } ساعات
        [many] خلال { $count } ساعة
       *[other] خلال { $count } ساعة
    }
within-days =
    { $count ->
        [zero] اليوم
        [one] خلال يوم
        [two] خلال يومين
        [few] خلال { $count } أيام
        [many] خلال { $count } يومًا
       *[other] خلال { $count } يوم
    }
confirm-mail-ignore = إذا لم يكن الطلب منكم فتجاهلوا هذه الرسالة. لن يُسجَّل أي اشتراك من دون تأكيدكم.
confirm-mail-sent-by = أرسلها <a>{ $site }</a> تلقائيًا لأن شخصًا ما سجّل هذا العنوان.
imported-mail-request = عنوانكم في قائمة قراء نقلها { $site } من نظام آخر. موافقتكم على { $newsletters } غير مسجّلة هنا، ولذلك نسألكم مرة واحدة. لا يبدأ الإرسال إلا إذا أكدتم.
imported-mail-ignore = إذا كنتم لا تريدون ذلك فتجاهلوا هذه الرسالة. لن يُسجَّل أي اشتراك ولن نسألكم مرة أخرى.
imported-mail-sent-by = أرسلها <a>{ $site }</a> تلقائيًا لأن هذا العنوان في قائمة نقلناها من نظام آخر.

already-subscribed-subject = أنتم مشتركون بالفعل في { $newsletters }
already-subscribed-opening = طلب شخص ما، ويُرجَّح كثيرًا أنه أنتم، من { $site } إرسال { $newsletters } إلى هذا العنوان. الاشتراك قائم بالفعل، فلا حاجة إلى تأكيد.
already-subscribed-paused = الاشتراك متوقف مؤقتًا. لإنهاء التوقف غيّروا إعداداتكم.
already-subscribed-closing = إذا لم يكن الطلب منكم فلا تفعلوا شيئًا: يبقى اشتراككم كما هو.
change-preferences = تغيير الإعدادات
subscription-mail-sent-by = أرسلها <a>{ $site }</a> تلقائيًا لأن هذا العنوان مشترك لديه.
requested-mail-sent-by = أرسلها <a>{ $site }</a> تلقائيًا لأن شخصًا ما طلبها في موقعنا.
former-address-mail-sent-by = أرسلها <a>{ $site }</a> تلقائيًا لأن نشراته كانت تصل إلى هذا العنوان حتى الآن.

changed-subject = تغيّرت إعداداتكم في { $newsletter }
changed-subject-paused = { $newsletter }: توقف مؤقت حتى { $day }
changed-subject-resumed = { $newsletter }: انتهى التوقف المؤقت
changed-opening = استخدم شخص ما، ويُرجَّح كثيرًا أنه أنتم، الرابط في إحدى رسائلكم لتغيير إعداداتكم. وهي الآن كما يلي.
changed-closing = إذا لم تفعلوا ذلك فإن لدى شخص آخر إحدى رسائلكم. افتحوا الرابط أعلاه لإنهاء الإيقاف المؤقت أو لطلب رابط إلى اشتراكاتكم. احذفوا الروابط في آخر الرسائل قبل إعادة توجيهها.
now-paused-until = لن نرسل إليكم شيئًا حتى { $day }.
now-paused-after-bounces = الاشتراك متوقف مؤقتًا لأن صندوق بريدكم لم يقبل رسائلنا. ينهي الرابط أدناه التوقف.
now-every-issue = يصلكم كل عدد.
now-weekly = يصلكم عدد واحد في الأسبوع.
now-all-topics = تصلكم كل الموضوعات.
now-topics = تصلكم هذه الموضوعات: { $topics }.
now-time-zone = منطقتكم الزمنية هي { $zone }.
now-language = لغة رسائلنا إليكم: { $language }.

view-in-browser = العرض في المتصفح
corrections-subject =
    { $count ->
        [zero] { $newsletter }: لا تصحيحات
        [one] { $newsletter }: تصحيح
        [two] { $newsletter }: تصحيحان
        [few] { $newsletter }: { $count } تصحيحات
        [many] { $newsletter }: { $count } تصحيحًا
       *[other] { $newsletter }: { $count } تصحيح
    }
best-of-week-issue = أهم ما في الأسبوع، من العدد { $number }.
best-of-week = أهم ما في الأسبوع، من العدد { $first } إلى العدد { $last }.
missed-issue = ما فاتكم: أهم ما في العدد { $number }.
missed-issues = ما فاتكم: أهم ما في الأعداد من { $first } إلى { $last }.
story-published = نُشر: { $time }
story-reached-us = وصلنا: { $time }
story-sources =
    { $count ->
        [zero] بلا مصادر، وصلنا: { $time }
        [one] مصدر واحد، وصلنا: { $time }
        [two] مصدران، وصلنا أولهما: { $time }
        [few] { $count } مصادر، وصلنا أولها: { $time }
        [many] { $count } مصدرًا، وصلنا أولها: { $time }
       *[other] { $count } مصدر، وصلنا أولها: { $time }
    }
more-on-site =
    { $count ->
        [zero] لا مزيد في الموقع
        [one] خبر آخر في الموقع
        [two] خبران آخران في الموقع
        [few] { $count } أخبار أخرى في الموقع
        [many] { $count } خبرًا آخر في الموقع
       *[other] { $count } خبر آخر في الموقع
    }
digest-reason = تصلكم هذه الرسالة لأنكم مشتركون في { $newsletter }، وهي نشرة من { $site }.
manage-subscription = إدارة الاشتراك
read-on-site = القراءة في الموقع
