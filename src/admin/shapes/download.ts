import type { AdminAnswer } from '../route.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl; charset=utf-8',
};

/** A file to be saved. Its name holds nothing that a client chose. */
export function download(
  name: string,
  range: { readonly from: number; readonly to: number },
  format: ExportFormat,
  body: AsyncIterable<string>,
): AdminAnswer {
  const file = `sluice-${name}_${compact(range.from)}_${compact(range.to)}.${format}`;
  return {
    status: 200,
    headers: { 'content-type': MEDIA_TYPES[format], 'content-disposition': `attachment; filename="${file}"` },
    body,
  };
}

/** `20260131T235959Z`. */
function compact(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
