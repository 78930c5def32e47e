// Rules of html-validate for the pages and for the HTML of mails.

export const PAGE_RULES = {
    root: true,
    extends: ['html-validate:recommended', 'html-validate:a11y'],
    rules: {
        // The templates leave spaces at line ends where a condition is empty. No browser shows them.
        'no-trailing-whitespace': 'off',
        // Titles are an article's headline and the site's name. A headline may be long.
        'long-title': 'off',
        // The page of an issue that is being sent loads itself again if scripts are off.
        'meta-refresh': 'off',
        // A list of checkboxes has one name, and a hidden field before it says that the list was shown.
        'form-dup-name': 'off',
        // Addresses end in digits that look like telephone numbers.
        'tel-non-breaking': 'off',
    },
};

export const MAIL_RULES = {
    root: true,
    extends: ['html-validate:recommended', 'html-validate:a11y'],
    rules: {
        ...PAGE_RULES.rules,
        // Mail programs ignore style sheets in part, so mails have inline styles.
        'no-inline-style': 'off',
        // Mail programs do not lay out by CSS alone. The tables have role="presentation".
        'no-deprecated-attr': ['error', { allow: ['align', 'width', 'cellpadding', 'cellspacing', 'border', 'bgcolor', 'valign'] }],
    },
};
