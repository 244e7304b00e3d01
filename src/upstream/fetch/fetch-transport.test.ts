import { describeTransport } from '../conformance.ts';
import { FetchTransport } from './fetch-transport.ts';

describeTransport('the fetch transport', (options) => new FetchTransport({ proxy: null, ...options }), {});
