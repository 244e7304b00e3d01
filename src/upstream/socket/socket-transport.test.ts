import { describeTransport } from '../conformance.ts';
import { SocketTransport } from './socket-transport.ts';

describeTransport('the socket transport', (options) => new SocketTransport(options));
