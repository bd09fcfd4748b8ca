// Service Bus in the simulator, for the unmodified @azure/service-bus, on one port of this machine.
// It accepts AMQP over TLS with tokens of Entra ID, as in Azure. It also accepts plain AMQP with a
// connection string that contains UseDevelopmentEmulator=true.
//
// It refuses transactions, auto-forwarding, actions of rules, AMQP over WebSocket, and the
// administration client. A key gives access to everything. A token allows its holder to send,
// listen, or both.

import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { createFaults, type FaultRegistry } from '../wire/faults.ts';
import { serveClient, type BrokerServices } from './amqp/client.ts';
import { MailboxHub } from './amqp/hub.ts';
import { createEntityDirectory, type Entities } from './entities.ts';
import { createSubscriptionRules } from './filters/subscription-rules.ts';
import type { BrokerContext } from './broker-context.ts';
import { connectionString } from './keys.ts';
import type { SasKey } from './sas.ts';
import { BrokerStore } from './store.ts';
import { createWaker } from './due-work.ts';

export interface ServiceBusOptions {
  readonly dataFile: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly entities: Entities;
  readonly keys: readonly SasKey[];
  /** PEM. Without `tls`, the server accepts plain AMQP alone. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly entra?: BrokerServices['entra'];
  /** Wall time. */
  readonly now?: () => number;
  readonly faults?: FaultRegistry;
}

/** The running Service Bus server. */
export interface ServiceBus {
  readonly port: number;
  connectionString(keyName: string): string;
  close(): Promise<void>;
}

/** Starts Service Bus on one port. */
export async function createServiceBus({
  dataFile,
  port,
  entities,
  keys,
  tls,
  entra,
  now = Date.now,
  faults = createFaults(),
}: ServiceBusOptions): Promise<ServiceBus> {
  const store = new BrokerStore(dataFile);
  const directory = createEntityDirectory(entities, (address) => store.entityNumber(address));
  const hub = new MailboxHub();
  const waker = createWaker(() => broker);
  const broker: BrokerContext = {
    store,
    directory,
    now,
    rules: createSubscriptionRules(store, directory),
    changed: (mailbox) => hub.changed(mailbox),
    wakeBy: (time) => waker.wakeBy(time),
    sessionLost: (holder, session) => hub.sessionLost(holder, session),
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    socket.on('error', () => undefined); // a client died; the 'close' event reports its end
    onFirstByte(socket, tls, (clear) => serveClient({ broker, hub, faults, keys, entra }, clear));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  waker.wakeBy(now()); // performs the work that became due while the broker was down
  const { port: bound } = server.address() as AddressInfo;
  return {
    port: bound,
    connectionString: (keyName) => connectionString(bound, keys, keyName),
    async close() {
      const closed = [...sockets].map((socket) => once(socket, 'close'));
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
      await Promise.all(closed); // the clients release their sessions
      waker.stop();
      store.close();
    },
  };
}

/** The first byte of a TLS handshake. AMQP begins with its own name instead. */
const TLS_HANDSHAKE_BYTE = 0x16;

/**
 * Serves TLS and plain AMQP on one port: the client's first byte shows which of the two it uses.
 */
function onFirstByte(socket: Socket, tls: ServiceBusOptions['tls'], serve: (clear: Socket) => void): void {
  socket.once('readable', () => {
    const first = socket.read(1) as Buffer | null;
    if (first === null) return;
    socket.unshift(first);
    if (first[0] !== TLS_HANDSHAKE_BYTE) {
      serve(socket);
      return;
    }
    if (tls === undefined) {
      socket.destroy();
      return;
    }
    const secure = new TLSSocket(socket, { isServer: true, key: tls.key, cert: tls.cert });
    secure.on('error', () => socket.destroy());
    socket.on('close', () => secure.destroy());
    serve(secure);
  });
}
