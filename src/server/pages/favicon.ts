/** A sluice gate: two posts, a board, and water below. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#0b3d5c"/><path d="M7 5h3v22H7zM22 5h3v22h-3zM10 8h12v9H10z" fill="#dbe9f2"/><path d="M4 24c3-3 5 0 8 0s5-3 8 0 5 0 8 0" stroke="#4fb3e8" stroke-width="2.5" fill="none"/></svg>`;

export function favicon(): Response {
  return new Response(ICON, { headers: { 'content-type': 'image/svg+xml', 'cache-control': 'max-age=86400' } });
}
