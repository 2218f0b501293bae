// Sends a file in parts, with progress, and goes on by itself when a broken line comes back. Without it, the same form sends the file as a whole.
(() => {
  const form = document.getElementById('upload');
  if (!form || !window.crypto?.subtle) return;
  const get = name => document.getElementById(`upload-${name}`);
  const [fault, box, title, bar, percent, state, on, cancel] = ['fault', 'progress', 'name', 'bar', 'percent', 'state', 'on', 'cancel'].map(get);
  const field = form.elements.namedItem('File');
  const value = name => form.elements.namedItem(name)?.value;
  const size = Number(form.dataset.part), mostParts = Number(form.dataset.parts), largest = Number(form.dataset.largest);
  const attempts = 3;

  // One upload at a time. A number tells steps of an upload that was cancelled from those of the present one.
  let turn = 0, request = null, once = null, wake = null;

  const say = text => { if (state.textContent !== text) state.textContent = text; };
  const show = done => {
    const whole = Math.floor(done * 100);
    bar.value = whole;
    percent.textContent = `${whole} %`;
  };
  const stop = text => {
    turn++;
    request?.abort();
    box.hidden = true;
    form.hidden = false;
    fault.textContent = text;
    fault.hidden = !text;
    if (text) fault.focus();
  };
  const rest = milliseconds => new Promise(resolve => {
    const timer = setTimeout(() => wake?.(), milliseconds);
    wake = () => { clearTimeout(timer); wake = null; resolve(); };
  });
  window.addEventListener('online', () => wake?.());

  // One request. A line on which nothing has moved for half a minute counts as broken; what the server does on its own may take longer.
  const send = (address, body, progress) => new Promise(resolve => {
    const xhr = request = new XMLHttpRequest();
    let timer = 0;
    const moved = () => { clearTimeout(timer); timer = setTimeout(() => xhr.abort(), 30000); };
    xhr.open('POST', address);
    xhr.setRequestHeader('RequestVerificationToken', value('__RequestVerificationToken'));
    xhr.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
    if (body) {
      xhr.setRequestHeader('Content-Type', typeof body === 'string' ? 'application/json' : 'application/octet-stream');
      moved();
      xhr.upload.onprogress = event => { moved(); progress?.(event.loaded); };
      xhr.upload.onload = () => clearTimeout(timer);
    }
    xhr.onloadend = () => {
      clearTimeout(timer);
      let said = {};
      try { said = JSON.parse(xhr.responseText); } catch { /* no words came */ }
      resolve({ status: xhr.status, said });
    };
    xhr.send(body ?? null);
  });

  // Repeats a step until the server has an answer of its own: 0 is a broken line, and from 500 on it is the server that has trouble.
  const ask = async (mine, address, body, progress) => {
    for (let wait = 1000; ; wait = Math.min(wait * 2, 30000)) {
      const answer = await send(address, body, progress);
      if (mine !== turn) return null;
      if (answer.status === 401) {
        say(answer.said.message ?? 'You were signed out. What has come in is kept. Sign in again in another window, then go on.');
        const link = document.createElement('a');
        link.href = '/unlock';
        link.target = '_blank';
        link.rel = 'noopener';
        link.textContent = 'Unlock my keys in another window';
        state.append(' ', link);
        on.hidden = false;
        await new Promise(resolve => { wake = () => { wake = null; resolve(); }; on.onclick = () => wake?.(); });
        on.hidden = true;
        if (mine !== turn) return null;
        say('Going on.');
        wait = 500;
      } else if (answer.status === 0 || answer.status === 429 || answer.status >= 500) {
        say(answer.said.message ?? (answer.status === 429 ? 'It goes on in a moment.' : 'The line is broken, or the portal is not there. The upload goes on by itself as soon as it is back.'));
        await rest(wait);
        if (mine !== turn) return null;
      } else {
        return answer;
      }
    }
  };

  const digests = async (mine, file) => {
    const all = new Uint8Array(Math.ceil(file.size / size) * 32);
    for (let part = 0; part * size < file.size; part++) {
      const bytes = await file.slice(part * size, (part + 1) * size).arrayBuffer();
      all.set(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), part * 32);
      if (mine !== turn) return null;
      show((part + 1) * size / Math.max(file.size, (part + 1) * size));
    }
    let text = '';
    for (let i = 0; i < all.length; i += 4096) text += String.fromCharCode(...all.subarray(i, i + 4096));
    return btoa(text);
  };

  const upload = async file => {
    const mine = ++turn;
    fault.hidden = true;
    form.hidden = true;
    box.hidden = false;
    title.textContent = file.name;
    once = value('GoOn') ?? value('Once');
    show(0);
    say('Looking at the file.');
    cancel.focus();
    let known;
    try {
      known = await digests(mine, file);
    } catch {
      if (mine === turn) stop('The file cannot be read, or has changed since it was chosen. Choose it again.');
      return;
    }
    if (known === null) return;
    show(0);
    const begun = await ask(mine, '/patient/upload/begin', JSON.stringify({
      once: value('Once'), goOn: value('GoOn'), name: file.name, length: file.size, partLength: size, forClaim: value('InsuranceClaim') === 'Yes', digests: known,
    }));
    if (!begun) return;
    if (begun.said.next) { location.assign(begun.said.next); return; }
    if (begun.status !== 200) { stop(begun.said.message ?? 'The upload could not begin. Load the page again.'); return; }
    once = begun.said.once;
    let here = new Set(begun.said.received), parts = begun.said.parts;
    say(here.size ? 'Going on where it broke off.' : 'Uploading.');
    for (let round = 0; round < attempts; round++) {
      for (let part = 0; part < parts; part++) {
        if (here.has(part)) continue;
        for (let attempt = 1; ; attempt++) {
          const bytes = file.slice(part * size, (part + 1) * size);
          const answer = await ask(mine, `/patient/upload-parts/${once}/${part}`, bytes, loaded => show(Math.min((here.size * size + Math.min(loaded, bytes.size)) / file.size, 0.99)));
          if (!answer) return;
          if (answer.status === 200) { here = new Set(answer.said.received); break; }
          if (answer.status !== 409 || attempt === attempts) { stop(answer.said.message ?? 'The upload stopped. Load the page again.'); return; }
        }
        show(Math.min(here.size * size / file.size, 0.99));
        say('Uploading.');
      }
      show(1);
      say('Everything has come in. It is being sealed as your record; that takes a moment.');
      const answer = await ask(mine, `/patient/upload-parts/${once}/finish`);
      if (!answer) return;
      if (answer.said.next) { location.assign(answer.said.next); return; }
      if (answer.status !== 409 || !answer.said.received) { stop(answer.said.message ?? 'The upload could not be finished. Look at your records.'); return; }
      here = new Set(answer.said.received);
    }
    stop('Parts of the upload are damaged where they lie. Discard it on the page of your records, and upload the file anew.');
  };

  form.addEventListener('submit', event => {
    const file = field.files[0];

    // Several become the documents of one upload, and go as a whole.
    if (!file || field.files.length > 1 || file.size > size * mostParts) return;
    event.preventDefault();
    if (file.size > largest) stop(`The file is too large. ${document.getElementById('file-hint').textContent}`);
    else if (form.dataset.length && file.size !== Number(form.dataset.length)) stop('This is another file than the one that was begun: it has another length. Choose the same file, or discard the unfinished upload on the page of your records.');
    else upload(file);
  });
  cancel.addEventListener('click', async () => {
    const begun = once;
    stop('');
    wake?.();
    const answer = begun ? await send(`/patient/upload-parts/${begun}/discard`) : { status: 200 };
    once = null;
    stop(answer.status === 200 || answer.status === 404 ? 'The upload is cancelled, and nothing of it is kept.' : 'The upload has stopped. What has come in is on the page of your records, where you can discard it.');
  });
})();
