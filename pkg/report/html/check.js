// Copyright The kubectl-dapr-prod Authors. SPDX-License-Identifier: Apache-2.0
(() => {
  const form = document.getElementById('filter');
  const entries = [...document.querySelectorAll('tr[data-severity]')];
  const groups = [...document.querySelectorAll('[data-group]')];
  const show = () => {
    const wanted = [...form.querySelectorAll('select')].filter((s) => s.value !== '');
    let shown = 0;
    for (const entry of entries) {
      entry.hidden = wanted.some((s) => entry.dataset[s.name] !== s.value);
      shown += entry.hidden ? 0 : 1;
    }
    for (const group of groups) {
      group.hidden = group.querySelector('tr[data-severity]:not([hidden])') === null;
    }
    const what = wanted.map((s) => `${s.name} ${s.selectedOptions[0].text}`).join(', ');
    document.getElementById('shown').textContent = what ? `${shown} of ${entries.length} entries: ${what}` : '';
  };
  form.addEventListener('change', show);
  form.addEventListener('reset', () => setTimeout(show));
  form.hidden = entries.length === 0;
  show();
})();
