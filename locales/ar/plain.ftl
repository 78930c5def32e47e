# الكلمات المعتادة لموقع إخباري (site.voice = "plain"). في radio.ftl الرسائل نفسها.

signup-label = { "" }
subscribe-to = الاشتراك في { $name }
latest = آخر الأخبار
nothing-yet = لا يوجد شيء هنا بعد. سيظهر أول خبر فور وصوله.
read-latest = قراءة آخر الأخبار
article-id = المقال { $id }
comments-label = التعليقات
comments-status = { "" }
no-such-page = لا توجد صفحة هنا. قد يكون العنوان مكتوبًا على نحو خاطئ أو مقطوعًا.
check-address = تحقّقوا من العنوان، أو انتقلوا إلى آخر الأخبار.
unavailable = غير متاح مؤقتًا
opening =
    { $count ->
        [zero] لا أخبار جديدة في هذا العدد. وهو يصحّح ما ورد في أعداد سابقة.
        [one] في هذا العدد: خبر واحد.
        [two] في هذا العدد: خبران، الأهم أولًا.
        [few] في هذا العدد: { $count } أخبار، الأهم أولًا.
        [many] في هذا العدد: { $count } خبرًا، الأهم أولًا.
       *[other] في هذا العدد: { $count } خبر، الأهم أولًا.
    }
opening-by-hand =
    { $count ->
        [zero] لا أخبار جديدة في هذا العدد. وهو يصحّح ما ورد في أعداد سابقة.
        [one] في هذا العدد: خبر واحد.
        [two] في هذا العدد: خبران.
        [few] في هذا العدد: { $count } أخبار.
        [many] في هذا العدد: { $count } خبرًا.
       *[other] في هذا العدد: { $count } خبر.
    }
also-in-issue = أيضًا في هذا العدد
other-topic = أخبار أخرى
corrections = تصحيحات
end-of-issue = هذا كل شيء لليوم.
more-stories = المزيد من الأخبار
earlier-stories = أخبار أقدم
