# كلمات سجل محطة إذاعية (site.voice = "radio"). في plain.ftl الرسائل نفسها.

signup-label = transmission_log
subscribe-to = الاشتراك في البث.
latest = آخر الإرسالات
nothing-yet = لا شيء على الهواء بعد. سيظهر أول إرسال فور وصوله.
read-latest = قراءة آخر الإرسالات
article-id = { $id }
comments-label = operator_channel
comments-status = comments_offline · provider_not_configured
no-such-page = لا يُبث شيء على هذا العنوان. قد يكون مكتوبًا على نحو خاطئ أو مقطوعًا.
check-address = تحقّقوا من العنوان، أو انتقلوا إلى آخر الإرسالات.
unavailable = خارج الهواء مؤقتًا
opening =
    { $count ->
        [zero] لا أخبار جديدة في هذا العدد. وهو يصحّح ما ورد في أعداد سابقة.
        [one] إرسال واحد في السجل.
        [two] إرسالان في السجل، الأهم أولًا.
        [few] { $count } إرسالات في السجل، الأهم أولًا.
        [many] { $count } إرسالًا في السجل، الأهم أولًا.
       *[other] { $count } إرسال في السجل، الأهم أولًا.
    }
opening-by-hand =
    { $count ->
        [zero] لا أخبار جديدة في هذا العدد. وهو يصحّح ما ورد في أعداد سابقة.
        [one] إرسال واحد في السجل.
        [two] إرسالان في السجل.
        [few] { $count } إرسالات في السجل.
        [many] { $count } إرسالًا في السجل.
       *[other] { $count } إرسال في السجل.
    }
also-in-issue = أيضًا في السجل
other-topic = إشارات أخرى
corrections = تصحيحات الإشارة
end-of-issue = نهاية الإرسال.
more-stories = المزيد من الإرسالات
earlier-stories = إرسالات أقدم
