// Shows an answer as it comes: the text of a stream as a person reads it, and what was sent below it.

/** A page of the browser holds a long answer badly; what is beyond is counted and not shown. */
const MOST_SHOWN = 1_000_000;

class AnswerView extends HTMLElement {
  #shown = 0;
  /** The beginning of an event whose end has not come yet. */
  #partial = '';
  #failed = false;

  clear() {
    this.hidden = true;
    this.#shown = 0;
    this.#partial = '';
    this.#failed = false;
    for (const part of this.querySelectorAll('pre')) part.textContent = '';
  }

  /** Resolves at the end, to false when the stream itself says that it failed. */
  async read(response) {
    const type = response.headers.get('content-type') ?? '';
    const isStream = type.startsWith('text/event-stream');
    this.hidden = false;
    this.querySelector('.text').hidden = !isStream;
    this.querySelector('.raw').open = !isStream;
    this.querySelector('.headers pre').textContent = [...response.headers]
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n');
    if (!isStream) {
      this.#add('.raw pre', pretty(await response.text()));
      return true;
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) this.#events(next.value);
    return !this.#failed;
  }

  #events(text) {
    this.#add('.raw pre', text);
    const events = (this.#partial + text).split(/\r?\n\r?\n/);
    this.#partial = events.pop() ?? '';
    for (const event of events) {
      const { text: read, error } = contentOf(event);
      this.#failed ||= error;
      this.#add('.text', read);
    }
  }

  #add(name, text) {
    const left = MOST_SHOWN - this.#shown;
    this.#shown += text.length;
    if (left <= 0) return;
    this.querySelector(name).append(text.length > left ? `${text.slice(0, left)}\n… the rest is not shown` : text);
  }
}

/** What a person reads of an event of a stream. */
function contentOf(event) {
  const data = event.replace(/^data: ?/, '');
  try {
    const { choices = [], error } = JSON.parse(data);
    if (error) return { text: `\n${error.message ?? error}`, error: true };
    const texts = choices.map(({ delta, text }) => text ?? delta?.content ?? toolText(delta));
    return { text: texts.join(''), error: false };
  } catch {
    return { text: '', error: false };
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

customElements.define('answer-view', AnswerView);
