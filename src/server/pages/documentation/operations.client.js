// Builds the list of operations from openapi.json. Bodies are filled in when they are opened, so that a gateway with
// thousands of endpoints stays quick.

const description = await load();
if (description) show(description);

async function load() {
  const notice = document.getElementById('notice');
  try {
    const response = await fetch('openapi.json');
    if (!response.ok) throw new Error(`status ${response.status}`);
    const loaded = await response.json();
    notice.remove();
    return loaded;
  } catch (error) {
    notice.textContent = `The description could not be loaded: ${error.message}`;
    return null;
  }
}

function show({ info, tags, paths }) {
  document.getElementById('version').textContent = info.version;
  const contents = document.getElementById('contents');
  const main = document.getElementById('operations');
  const groups = new Map(tags.map((tag) => [tag.name, { tag, entries: [] }]));
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      groups.get(operation.tags[0])?.entries.push(entryOf(method.toUpperCase(), path, operation));
    }
  }
  const shown = [...groups.values()].filter(({ entries }) => entries.length > 0);
  for (const { tag, entries } of shown) {
    const group = clone('group-template');
    group.querySelector('h2').textContent = tag.name;
    withCode(group.querySelector('p'), tag.description);
    group.append(...entries.map((entry) => entry.details));
    main.append(group);
    const list = document.createElement('ul');
    list.append(...entries.map((entry) => entry.item));
    const heading = document.createElement('h2');
    heading.textContent = tag.name;
    const part = document.createElement('section');
    part.append(heading, list);
    contents.append(part);
  }
  watchFilter(shown, main);
  openLinked();
  addEventListener('hashchange', openLinked);
}

function entryOf(method, path, operation) {
  const details = clone('operation-template');
  details.id = operation.operationId;
  const label = details.querySelector('.method');
  label.textContent = method;
  label.dataset.method = method;
  details.querySelector('.path').textContent = decodeURI(path);
  details.querySelector('.about').textContent = operation.summary ?? '';
  details.addEventListener('toggle', () => fill(details, method, path, operation), { once: true });
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = `#${encodeURIComponent(operation.operationId)}`;
  link.textContent = shortName(path);
  link.title = `${method} ${decodeURI(path)}`;
  item.append(link);
  const words = `${method} ${decodeURI(path)} ${operation.summary} ${operation.description}`.toLowerCase();
  return { details, item, words };
}

/** An endpoint is known by its name. */
function shortName(path) {
  const named = /^\/(?:gateway|endpoints)\/([^/]+)\/invocations$/.exec(path);
  return decodeURI(named ? named[1] : path);
}

function fill(details, method, path, operation) {
  withCode(details.querySelector('.description'), operation.description ?? '');
  details.querySelector('try-it').show({ method, path, operation });
  const request = details.querySelector('.request');
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  if (schema) request.querySelector('schema-view').show(schema, description.components.schemas);
  else request.remove();
  const responses = Object.entries(operation.responses).map(([status, response]) => responseOf(status, response));
  details.querySelector('.responses').append(...responses);
}

function responseOf(status, response) {
  const { description: about, content = {} } = response.$ref ? resolve(response.$ref) : response;
  const details = clone('response-template');
  details.querySelector('.status').textContent = status === 'default' ? 'other' : status;
  withCode(details.querySelector('.about'), about);
  details.addEventListener(
    'toggle',
    () => {
      for (const [type, { schema }] of Object.entries(content)) {
        const caption = document.createElement('p');
        caption.className = 'caption';
        caption.textContent = type === 'text/event-stream' ? `${type}, each chunk` : type;
        const view = document.createElement('schema-view');
        details.append(caption, view);
        view.show(schema, description.components.schemas);
      }
    },
    { once: true },
  );
  return details;
}

function resolve(reference) {
  return reference
    .slice(2)
    .split('/')
    .reduce((value, part) => value[part], description);
}

function watchFilter(groups, main) {
  const filter = document.getElementById('filter');
  const nothing = document.createElement('p');
  nothing.className = 'quiet';
  nothing.textContent = 'No operation fits the filter.';
  filter.addEventListener('input', () => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { entries } of groups) {
      let fitting = 0;
      for (const { details, item, words } of entries) {
        const fits = wanted.every((word) => words.includes(word));
        details.hidden = !fits;
        item.hidden = !fits;
        if (fits) fitting += 1;
      }
      entries[0].details.parentElement.hidden = fitting === 0;
      entries[0].item.closest('section').hidden = fitting === 0;
      found += fitting;
    }
    if (found === 0) main.append(nothing);
    else nothing.remove();
  });
}

function openLinked() {
  const linked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!linked?.matches('.operation')) return;
  linked.open = true;
  linked.scrollIntoView();
  linked.querySelector('summary').focus({ preventScroll: true });
}

/** Text in which `backticks` mark code. */
function withCode(element, text) {
  const parts = text.split('`').map((part, index) => {
    if (index % 2 === 0) return part;
    const code = document.createElement('code');
    code.textContent = part;
    return code;
  });
  element.append(...parts);
}

function clone(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}
