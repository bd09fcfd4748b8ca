// Service Bus on the desk: what the unmodified @azure/service-bus speaks to, over plain AMQP on this machine.
//
// Not here, and refused: transactions, auto-forwarding, actions of rules, tokens of Entra ID (the SDK sends them over TLS only),
// AMQP over WebSocket, and the administration client. A key opens everything: there are no separate rights to send and to listen.

import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createFaults, type FaultBook } from '../wire/faults.ts';
import { serveClient } from './amqp/client.ts';
import { Hub } from './amqp/hub.ts';
import { createDirectory, type Entities } from './entities.ts';
import { createRuleBook } from './filters/rule-book.ts';
import type { Ground } from './ground.ts';
import { connectionString } from './keys.ts';
import type { Key } from './sas.ts';
import { Store } from './store.ts';
import { createWaker } from './wake.ts';

export interface ServiceBusOptions {
  readonly dataFile: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly entities: Entities;
  readonly keys: readonly Key[];
  /** Wall time. */
  readonly now?: () => number;
  readonly faults?: FaultBook;
}

export interface ServiceBus {
  readonly port: number;
  connectionString(keyName: string): string;
  close(): Promise<void>;
}

export async function createServiceBus({ dataFile, port, entities, keys, now = Date.now, faults = createFaults() }: ServiceBusOptions): Promise<ServiceBus> {
  const store = new Store(dataFile);
  const directory = createDirectory(entities, (address) => store.entityNumber(address));
  const hub = new Hub();
  const waker = createWaker(() => ground);
  const ground: Ground = {
    store, directory, now,
    rules: createRuleBook(store, directory),
    changed: (mailbox) => hub.changed(mailbox),
    wakeBy: (time) => waker.wakeBy(time),
    sessionLost: (holder, session) => hub.sessionLost(holder, session),
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    serveClient({ ground, hub, faults, keys }, socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  waker.wakeBy(now()); // what became due while nobody was here
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
      await Promise.all(closed); // sessions are given back
      waker.stop();
      store.close();
    },
  };
}
