// Sends one request and shows its answer as it comes.

/** A page of the browser holds a long answer badly; what is beyond is counted and not shown. */
const MOST_SHOWN = 1_000_000;

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
    choice.querySelector('input').addEventListener('change', ({ target }) => {
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
    const answer = new Answer(this.querySelector('.answer'));
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
      await answer.read(response);
      this.#say(`${status}, ${seconds()}`, kind);
    } catch (error) {
      this.#say(controller.signal.aborted ? `Stopped after ${seconds()}` : `No answer: ${error.message}`, 'bad');
    } finally {
      this.#controller = null;
      this.querySelector('.send').disabled = false;
      this.querySelector('.stop').hidden = true;
    }
  }
}

class Answer {
  #root;
  #shown = 0;
  /** The beginning of an event whose end has not come yet. */
  #partial = '';

  constructor(root) {
    this.#root = root;
    for (const part of root.querySelectorAll('pre')) part.textContent = '';
    root.hidden = true;
  }

  #part(name) {
    return this.#root.querySelector(name);
  }

  async read(response) {
    const type = response.headers.get('content-type') ?? '';
    const isStream = type.startsWith('text/event-stream');
    this.#root.hidden = false;
    this.#part('.text').hidden = !isStream;
    this.#part('.raw').open = !isStream;
    this.#part('.headers pre').textContent = [...response.headers]
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n');
    if (!isStream) {
      this.#add('.raw pre', pretty(await response.text()));
      return;
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) this.#events(next.value);
  }

  #events(text) {
    this.#add('.raw pre', text);
    const events = (this.#partial + text).split(/\r?\n\r?\n/);
    this.#partial = events.pop() ?? '';
    for (const event of events) this.#add('.text', textOf(event));
  }

  #add(name, text) {
    const left = MOST_SHOWN - this.#shown;
    this.#shown += text.length;
    if (left <= 0) return;
    this.#part(name).append(text.length > left ? `${text.slice(0, left)}\n… the rest is not shown` : text);
  }
}

/** What a person reads of an event of a stream. */
function textOf(event) {
  const data = event.replace(/^data: ?/, '');
  try {
    const { choices = [], error } = JSON.parse(data);
    if (error) return `\n${error.message ?? error}`;
    return choices.map(({ delta, text }) => text ?? delta?.content ?? toolText(delta)).join('');
  } catch {
    return '';
  }
}

function toolText(delta) {
  const calls = delta?.tool_calls ?? [];
  return calls.map((call) => `${call.function?.name ?? ''}${call.function?.arguments ?? ''}`).join('');
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
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
