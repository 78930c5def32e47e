comments-elsewhere = التعليقات محفوظة لدى { $host }. عند عرضها يتصل متصفحكم بهذا الخادم.
comments-show = عرض التعليقات
comments-need-script = تعليقات { $host } تحتاج إلى JavaScript.
