/** The parts of the page, between the style and the scripts. The templates are filled in by the scripts. */
export const SHELL = `
<a class="skip" href="#operations">Skip to the operations</a>
<nav aria-label="Operations">
  <header>
    <img src="favicon.ico" alt="" width="28" height="28">
    <h1>Sluice</h1>
    <span id="version"></span>
  </header>
  <label class="hidden" for="filter">Filter the operations</label>
  <input id="filter" type="search" placeholder="Filter" autocomplete="off">
  <div id="contents"></div>
  <footer><a href="openapi.json">openapi.json</a></footer>
</nav>
<main id="operations" tabindex="-1">
  <p id="notice" role="status">Loading the description…</p>
</main>

<template id="group-template">
  <section class="group">
    <h2></h2>
    <p class="quiet"></p>
  </section>
</template>

<template id="operation-template">
  <details class="operation">
    <summary>
      <span class="method"></span>
      <code class="path"></code>
      <span class="quiet about"></span>
    </summary>
    <div class="body">
      <p class="description"></p>
      <try-it></try-it>
      <section class="request">
        <h3>Request</h3>
        <schema-view></schema-view>
      </section>
      <section class="responses">
        <h3>Responses</h3>
      </section>
    </div>
  </details>
</template>

<template id="response-template">
  <details class="response">
    <summary class="small"><span class="status"></span> <span class="quiet about"></span></summary>
  </details>
</template>

<template id="try-template">
  <form>
    <div class="parameters"></div>
    <div class="editor">
      <div class="bar">
        <label class="caption">Body</label>
        <label class="stream"><input type="checkbox"> Stream</label>
      </div>
      <textarea spellcheck="false" autocomplete="off"></textarea>
    </div>
    <div class="bar">
      <span class="caption">curl</span>
      <button type="button" class="copy">Copy</button>
    </div>
    <pre class="curl" tabindex="0" aria-label="curl command"></pre>
    <div class="bar">
      <button type="submit" class="send">Send</button>
      <button type="button" class="stop" hidden>Stop</button>
      <span class="outcome" role="status"></span>
    </div>
  </form>
  <answer-view hidden>
    <pre class="text" tabindex="0" aria-label="Text of the answer" hidden></pre>
    <details class="raw"><summary class="small">Body</summary><pre tabindex="0"></pre></details>
    <details class="headers"><summary class="small">Headers</summary><pre tabindex="0"></pre></details>
  </answer-view>
</template>
`;
