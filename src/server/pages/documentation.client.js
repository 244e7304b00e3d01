(async () => {
  const root = document.getElementById('operations');
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const curl = (method, path, body) => {
    const data = body ? ` -H 'Content-Type: application/json' -d '${body.replaceAll("'", "'\\''")}'` : '';
    return `curl${method === 'GET' ? '' : ` -X ${method}`} ${location.origin}${path}${data}`;
  };
  const send = async (method, path, body, output) => {
    output.textContent = '…';
    try {
      const options = body ? { method, body, headers: { 'content-type': 'application/json' } } : { method };
      const response = await fetch(path, options);
      const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
      output.textContent = `${response.status} ${response.statusText}\n${headers}\n\n`;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) output.textContent += part.value;
    } catch (error) {
      output.textContent = String(error);
    }
  };
  const operation = (method, path, { summary, requestBody }) => {
    const example = requestBody?.content?.['application/json']?.example;
    const input = make('textarea', { value: example ? JSON.stringify(example, null, 2) : '', ariaLabel: 'Request body' });
    const command = make('pre');
    const output = make('pre', { hidden: true });
    const refresh = () => { command.textContent = curl(method, path, example ? input.value : ''); };
    input.addEventListener('input', refresh);
    refresh();
    const tryIt = make('button', { textContent: 'Send', onclick: () => { output.hidden = false; send(method, path, example ? input.value : '', output); } });
    const copy = make('button', { textContent: 'Copy curl', onclick: () => navigator.clipboard.writeText(command.textContent) });
    const isTemplate = path.includes('{');
    return make('details', {},
      make('summary', {}, make('span', { className: 'method', textContent: method }), make('code', { textContent: path }), make('span', { className: 'summary', textContent: summary ?? '' })),
      make('div', { className: 'body' }, ...(example ? [input] : []), command, ...(isTemplate ? [] : [tryIt]), copy, output));
  };
  try {
    const { paths } = await (await fetch('/openapi.json')).json();
    const groups = new Map();
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, details] of Object.entries(methods)) {
        const group = details.tags?.[0] ?? 'Other';
        groups.set(group, [...(groups.get(group) ?? []), operation(method.toUpperCase(), path, details)]);
      }
    }
    root.replaceChildren(...[...groups].flatMap(([name, operations]) => [make('h2', { textContent: name }), ...operations]));
  } catch (error) {
    root.textContent = `The description could not be loaded: ${error}`;
  }
})();
