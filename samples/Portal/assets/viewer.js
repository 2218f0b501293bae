// Makes the scan viewer smoother: the wheel comes closer, a drag moves, and the links for both answer without loading the page again. Everything it does is also a link of the page.
(() => {
  const scan = document.getElementById('scan');
  if (!scan) return;
  const size = { width: Number(scan.dataset.width), height: Number(scan.dataset.height), max: Number(scan.dataset.max) };
  const [left, top, width, height] = scan.getAttribute('viewBox').split(' ').map(Number);
  const look = { zoom: size.width / width, x: (left + width / 2) / size.width, y: (top + height / 2) / size.height };
  const tools = document.querySelector('.viewer .tools');
  const inside = middle => Math.min(Math.max(middle, 0.5 / look.zoom), 1 - 0.5 / look.zoom);
  const short = number => String(Math.round(number * 1e6) / 1e6);

  // The links that lead to another picture take the present place with them.
  const show = () => {
    look.zoom = Math.min(Math.max(look.zoom, 1), size.max);
    look.x = inside(look.x);
    look.y = inside(look.y);
    const w = size.width / look.zoom, h = size.height / look.zoom;
    scan.setAttribute('viewBox', [look.x * size.width - w / 2, look.y * size.height - h / 2, w, h].map(short).join(' '));
    const put = url => { for (const part of ['zoom', 'x', 'y']) url.searchParams.set(part, short(look[part])); return url; };
    for (const link of tools.querySelectorAll('a[data-step]')) link.href = put(new URL(link.href));
    for (const part of ['zoom', 'x', 'y']) {
      const field = tools.querySelector(`input[name="${part}"]`);
      if (field) field.value = short(look[part]);
    }
    history.replaceState(null, '', put(new URL(location.href)));
  };
  const closer = (times, event) => {
    const before = look.zoom;
    const after = Math.min(Math.max(before * times, 1), size.max);
    if (event) {
      // What is under the pointer stays there.
      const box = scan.getBoundingClientRect();
      look.x += ((event.clientX - box.left) / box.width - 0.5) * (1 / before - 1 / after);
      look.y += ((event.clientY - box.top) / box.height - 0.5) * (1 / before - 1 / after);
    }
    look.zoom = after;
    show();
  };
  const move = (right, down) => { look.x += right / look.zoom; look.y += down / look.zoom; show(); };

  tools.addEventListener('click', event => {
    const link = event.target.closest('a[data-zoom], a[data-right]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.zoom === '0') { look.zoom = 1; show(); }
    else if (link.dataset.zoom) closer(Number(link.dataset.zoom));
    else move(Number(link.dataset.right), Number(link.dataset.down));
  });
  scan.addEventListener('wheel', event => {
    event.preventDefault();
    closer(event.deltaY < 0 ? 1.2 : 1 / 1.2, event);
  }, { passive: false });
  let from = null;
  scan.addEventListener('pointerdown', event => { from = { x: event.clientX, y: event.clientY }; scan.setPointerCapture(event.pointerId); });
  scan.addEventListener('pointermove', event => {
    if (!from) return;
    const box = scan.getBoundingClientRect();
    look.x -= (event.clientX - from.x) / box.width / look.zoom;
    look.y -= (event.clientY - from.y) / box.height / look.zoom;
    from = { x: event.clientX, y: event.clientY };
    show();
  });
  for (const end of ['pointerup', 'pointercancel']) scan.addEventListener(end, () => { from = null; });
  scan.classList.add('movable');
})();
