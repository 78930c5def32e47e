// Tells Remark42's script, which comes after this one, where its server is and which page it is on. Its settings are a global variable,
// and the policy of our pages permits no script inside a page.
{
  const { host, siteId, url, locale } = document.getElementById('remark42-settings').dataset;
  window.remark_config = { host, site_id: siteId, url, locale, components: ['embed'], no_footer: true };
}
