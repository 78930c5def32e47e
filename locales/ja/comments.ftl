comments-elsewhere = コメントは { $host } にあります。表示すると、ブラウザーがそのサーバーに接続します。
comments-show = コメントを表示
comments-need-script = { $host } のコメントには JavaScript が必要です。
