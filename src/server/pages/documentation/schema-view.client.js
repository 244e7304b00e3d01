// Shows a JSON Schema as a list of fields. What a field holds opens below it, references too, one level at a time.

class SchemaView extends HTMLElement {
  #schemas = {};

  show(schema, schemas) {
    this.#schemas = schemas;
    this.replaceChildren(this.#contentOf(schema) ?? this.#plain(schema));
  }

  #resolve(schema) {
    if (!schema.$ref) return schema;
    return { ...this.#schemas[schema.$ref.split('/').at(-1)], ...schema };
  }

  /** The fields of an object, of a list's items, or of each alternative; null when there is nothing to open. */
  #contentOf(schema) {
    const whole = this.#resolve(schema);
    if (whole.properties || whole.allOf) return this.#fields(whole);
    if (whole.items) return this.#contentOf(whole.items);
    const alternatives = (whole.anyOf ?? []).map((one) => this.#contentOf(one)).filter(Boolean);
    if (alternatives.length === 0) return null;
    if (alternatives.length === 1) return alternatives[0];
    const list = document.createElement('div');
    list.className = 'alternatives';
    list.append(...alternatives);
    return list;
  }

  #fields(schema) {
    const list = document.createElement('ul');
    list.className = 'fields';
    for (const part of schema.allOf ?? []) list.append(...this.#fields(this.#resolve(part)).children);
    const required = new Set(schema.required);
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      list.append(this.#field(name, field, required.has(name)));
    }
    return list;
  }

  #field(name, schema, isRequired) {
    const whole = this.#resolve(schema);
    const item = document.createElement('li');
    const line = [element('code', 'name', name), element('span', 'type', this.#typeOf(schema))];
    if (isRequired) line.push(element('span', 'required', 'required'));
    const about = [whole.description, boundsOf(whole)].filter(Boolean).join(' ');
    if (about) line.push(element('span', 'quiet', about.replaceAll('`', '')));
    if (!this.#canOpen(schema)) {
      item.append(...line);
      return item;
    }
    const details = document.createElement('details');
    const summary = document.createElement('summary');
    summary.append(...line);
    details.append(summary);
    details.addEventListener('toggle', () => details.append(this.#contentOf(schema)), { once: true });
    item.append(details);
    return item;
  }

  #canOpen(schema) {
    const whole = this.#resolve(schema);
    if (whole.properties || whole.allOf) return true;
    return [whole.items, ...(whole.anyOf ?? [])].some((part) => part && this.#canOpen(part));
  }

  #typeOf(schema) {
    if (schema.$ref) return schema.$ref.split('/').at(-1);
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
    if (schema.anyOf) return [...new Set(schema.anyOf.map((one) => this.#typeOf(one)))].join(' | ');
    const types = [schema.type ?? 'any'].flat();
    return types.map((type) => (type === 'array' ? `list of ${this.#typeOf(schema.items)}` : type)).join(' | ');
  }

  #plain(schema) {
    return element('p', 'type', this.#typeOf(schema));
  }
}

function boundsOf({ minimum, maximum, minItems, default: standard, examples }) {
  const words = [];
  if (minimum !== undefined && maximum !== undefined) words.push(`From ${minimum} to ${maximum}.`);
  else if (minimum !== undefined) words.push(`At least ${minimum}.`);
  if (minItems !== undefined) words.push(`At least ${minItems} of them.`);
  if (standard !== undefined) words.push(`By default ${standard}.`);
  if (examples) words.push(`For example ${examples.join(', ')}.`);
  return words.join(' ');
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

customElements.define('schema-view', SchemaView);
