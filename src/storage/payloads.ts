import type { Queryable, Transaction } from './database/database.ts';
import { sql, storableText } from './database/sql.ts';
import type { StoredPayload } from './ledger-queries.ts';
import type { Payload } from './ledger-store.ts';

/** Texts of requests and answers, compressed together. */
export async function writePayloads(transaction: Transaction, payloads: readonly Payload[]): Promise<void> {
  for (const { requestId, request, response, redactions, truncated } of payloads) {
    const texts = compressTexts(request, response);
    await transaction.run(sql`INSERT INTO payloads (request_id, time, texts, redactions, truncated)
      VALUES (${storableText(requestId)}, ${Date.now()}, ${texts}, ${JSON.stringify(redactions)}, ${truncated ? 1 : 0})
      ON CONFLICT DO NOTHING`);
  }
}

export async function readPayload(reader: Queryable, requestId: string): Promise<StoredPayload | null> {
  const [row] = await reader.values(
    sql`SELECT time, texts, redactions, truncated FROM payloads WHERE request_id = ${storableText(requestId)}`,
  );
  if (!row) return null;
  const [time, texts, redactions, truncated] = row;
  return {
    requestId,
    time: Number(time),
    ...readTexts(texts as Uint8Array),
    redactions: JSON.parse(String(redactions)) as Record<string, number>,
    truncated: Number(truncated) === 1,
  };
}

const LEVEL = 3;

function compressTexts(request: string, response: string | null): Uint8Array {
  return Bun.zstdCompressSync(JSON.stringify([request, response]), { level: LEVEL });
}

export function readTexts(texts: Uint8Array): { readonly request: string; readonly response: string | null } {
  const [request = '', response = null] = JSON.parse(Bun.zstdDecompressSync(texts).toString('utf8')) as string[];
  return { request, response };
}
