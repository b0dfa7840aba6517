// Failures in words, on the page and not only in the console. Imported before everything else, so that it hears too of what
// fails while the rest is loaded.

/** Ends what the page can do. */
export function showError(words) {
  const place = document.getElementById('error');
  place.textContent = words;
  place.hidden = false;
  document.getElementById('status').textContent = 'Nothing is running.';
  for (const button of document.querySelectorAll('button')) button.disabled = true;
  document.documentElement.dataset.state = 'failed';
}

function show(error) {
  if (error.name === 'DeviceLostError') return; // said where the backend is opened, which hears of every loss
  showError(`${error.message ?? error}. Reload the page to begin anew.`);
}

// Browsers also tell of what is no failure (a ResizeObserver that goes round twice), and then without an error.
addEventListener('error', ({ error }) => error && show(error));
addEventListener('unhandledrejection', (event) => {
  if (event.reason?.name === 'DeviceLostError') event.preventDefault();
  show(event.reason ?? 'Something failed');
});
