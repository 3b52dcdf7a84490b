// Runs before the first paint. The key and the values are those of src/ui/theme.ts.
try {
  var theme = localStorage.getItem('sori:theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden here: the system's colours it is.
}
