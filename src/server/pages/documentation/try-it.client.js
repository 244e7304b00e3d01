// Sends one request and shows its answer as it comes.

class TryIt extends HTMLElement {
  #method = 'GET';
  #path = '/';
  #controller = null;

  show({ method, path, operation }) {
    this.#method = method;
    this.#path = path;
    this.append(document.getElementById('try-template').content.cloneNode(true));
    this.#prepareParameters(operation.parameters ?? []);
    this.#prepareBody(operation);
    this.#on('form', 'input', () => this.#refresh());
    this.#on('form', 'submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#on('form', 'keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.#send();
    });
    this.#on('.stop', 'click', () => this.#controller?.abort());
    this.#on('.copy', 'click', () => this.#copy());
    this.#refresh();
  }

  #on(selector, event, listener) {
    this.querySelector(selector).addEventListener(event, listener);
  }

  #prepareParameters(parameters) {
    for (const { name, required, description = '' } of parameters) {
      const label = document.createElement('label');
      const input = document.createElement('input');
      Object.assign(input, { name, required, title: description, autocomplete: 'off' });
      input.dataset.path = String(this.#path.includes(`{${name}}`));
      label.append(name, input);
      this.querySelector('.parameters').append(label);
    }
  }

  #prepareBody({ operationId, requestBody, responses }) {
    const editor = this.querySelector('.editor');
    const content = requestBody?.content?.['application/json'];
    if (!content) return editor.remove();
    const area = editor.querySelector('textarea');
    area.id = `body-${operationId}`;
    editor.querySelector('.caption').htmlFor = area.id;
    area.value = JSON.stringify(content.example ?? {}, null, 2);
    area.rows = Math.min(16, area.value.split('\n').length + 1);
    const choice = editor.querySelector('.stream');
    if (!responses[200]?.content?.['text/event-stream']) return choice.remove();
    // `input` comes before the form hears of it, so that the curl line has the new body.
    choice.querySelector('input').addEventListener('input', ({ target }) => {
      try {
        const { stream: _before, ...body } = JSON.parse(area.value);
        area.value = JSON.stringify(target.checked ? { ...body, stream: true } : body, null, 2);
      } catch {
        target.checked = !target.checked;
        this.#say('The body is not valid JSON.', 'bad');
      }
    });
  }

  get #body() {
    return this.querySelector('textarea')?.value ?? null;
  }

  get #url() {
    let path = this.#path;
    const query = new URLSearchParams();
    for (const input of this.querySelectorAll('.parameters input')) {
      const isPath = input.dataset.path === 'true';
      if (isPath && input.value) path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
      else if (!isPath && input.value) query.set(input.name, input.value);
    }
    // Relative to this page, so that it works below a prefix of a reverse proxy as well.
    const url = new URL(`.${path}`, document.baseURI);
    url.search = query;
    return url.href;
  }

  #refresh() {
    const body = this.#body;
    const parts = ['curl'];
    if (body?.includes('"stream": true')) parts.push('--no-buffer');
    // Braces are globs to curl, and a path that is not filled in yet has some.
    parts.push(quote(decodeBraces(this.#url)));
    if (body !== null)
      parts.push("\\\n  --header 'content-type: application/json'", `\\\n  --data ${quote(compact(body))}`);
    this.querySelector('.curl').textContent = parts.join(' ');
  }

  async #copy() {
    const button = this.querySelector('.copy');
    const command = this.querySelector('.curl');
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = 'Copied';
    } catch {
      // Without TLS there is no clipboard: select the text, so that a key stroke copies it.
      getSelection().selectAllChildren(command);
      button.textContent = 'Selected';
    }
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1500);
  }

  #say(text, kind = '') {
    const outcome = this.querySelector('.outcome');
    outcome.textContent = text;
    outcome.dataset.kind = kind;
  }

  async #send() {
    if (this.#controller || !this.querySelector('form').reportValidity()) return;
    const controller = new AbortController();
    this.#controller = controller;
    this.querySelector('.send').disabled = true;
    this.querySelector('.stop').hidden = false;
    this.#say('Waiting…');
    const answer = this.querySelector('answer-view');
    answer.clear();
    const startedAt = performance.now();
    const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(2)} s`;
    try {
      const body = this.#body;
      const response = await fetch(this.#url, {
        method: this.#method,
        signal: controller.signal,
        ...(body !== null && { body, headers: { 'content-type': 'application/json' } }),
      });
      const status = `${response.status} ${response.statusText}`.trim();
      const kind = response.ok ? 'good' : 'bad';
      this.#say(status, kind);
      const whole = await answer.read(response);
      if (whole) this.#say(`${status}, ${seconds()}`, kind);
      else this.#say(`${status}, then an error, ${seconds()}`, 'bad');
    } catch (error) {
      this.#say(controller.signal.aborted ? `Stopped after ${seconds()}` : `No answer: ${error.message}`, 'bad');
    } finally {
      this.#controller = null;
      this.querySelector('.send').disabled = false;
      this.querySelector('.stop').hidden = true;
    }
  }
}

function compact(text) {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

const decodeBraces = (url) => url.replaceAll('%7B', '{').replaceAll('%7D', '}');

/** One word of a POSIX shell. */
function quote(text) {
  return /^[\w:/.%?=&@+-]+$/.test(text) && !/[?&]/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

customElements.define('try-it', TryIt);
