/** In an executable, everything is in its one entry point; otherwise there are files, and Bun was given one of them. */
export const IS_EXECUTABLE = /[/\\](?:\$bunfs|~BUN)[/\\]/.test(import.meta.path);

/** What a worker thread starts with. */
export const ENTRY_POINT = IS_EXECUTABLE ? Bun.main : new URL('../main.ts', import.meta.url).href;
