import { DefinitionCache } from '../../src/core/ledger/definition.ts';
import { RequestIds } from '../../src/core/ledger/request-id.ts';
import type { Recorder } from '../../src/gateway/exchange.ts';

/** For gateways whose records nobody looks at. */
export const NO_RECORDER: Recorder = { ids: new RequestIds(), bodyCallers: new DefinitionCache(), journal: null };
