import type { CatalogQueries } from '../catalog/search.ts';
import type { AuditQueries } from '../storage/audit/audit-queries.ts';
import type { LedgerQueries, LedgerStats } from '../storage/ledger-queries.ts';
import type { LedgerAnswer, LedgerQuestion } from './ledger-protocol.ts';

type Ask = (name: LedgerQuestion, question: unknown) => Promise<LedgerAnswer>;

/** The questions of the ledger's thread, asked from another: SQLite blocks whoever asks it. Errors keep their names. */
export function queriesThrough(ask: Ask): LedgerQueries & CatalogQueries & AuditQueries {
  const through =
    <Question, Answer>(name: LedgerQuestion): ((question: Question) => Promise<Answer>) =>
    async (question) => {
      const answer = await ask(name, question);
      if (answer.ok) return answer.value as Answer;
      throw Object.assign(new Error(answer.message), { name: answer.error });
    };
  return {
    usage: through('usage'),
    requests: through('requests'),
    request: through('request'),
    payload: through('payload'),
    after: through('after'),
    export: through('export'),
    estimate: through('estimate'),
    facets: through('facets'),
    complete: through('complete'),
    stats: () => through<null, LedgerStats>('stats')(null),
    models: through('models'),
    auditList: through('auditList'),
    auditCheck: through('auditCheck'),
    auditRows: through('auditRows'),
  };
}
