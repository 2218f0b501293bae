// What makes every page better and none depend on it: tables that become cards on a telephone, and the browser's time zone where somebody registers.
(() => {
  // A cell gets its column's heading beside it. The roles say that it is a table still, where it is not drawn as one.
  for (const table of document.querySelectorAll('.wide > table')) {
    const labels = [...table.tHead.rows[0].cells].map(cell => cell.textContent);
    const role = (elements, name) => [...elements].forEach(element => element.setAttribute('role', name));
    role([table], 'table');
    role([table.tHead, ...table.tBodies], 'rowgroup');
    role(table.rows, 'row');
    role(table.tHead.rows[0].cells, 'columnheader');
    for (const row of [...table.tBodies].flatMap(body => [...body.rows])) {
      role(row.cells, 'cell');
      [...row.cells].forEach((cell, i) => {
        cell.dataset.label = labels[i];
        if (!cell.hasChildNodes()) return;
        const content = document.createElement('div');
        content.append(...cell.childNodes);
        cell.append(content);
      });
    }
    table.classList.add('cards');
  }

  const zone = document.querySelector('select[data-guess]');
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && zone.value === 'UTC' && [...zone.options].some(option => option.value === here)) zone.value = here;
})();
