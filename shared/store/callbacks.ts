// The call-back addresses of callers, with the keys that sign what goes there.
import { query, read, type Stored } from './cosmos.ts';
import type { CallbackDocument } from './documents.ts';

const KIND = 'callback';

export const readCallback = (id: string): Promise<Stored<CallbackDocument> | undefined> => read<CallbackDocument>('settings', id, KIND);

export const callbacksFor = (caller: string): Promise<Stored<CallbackDocument>[]> => query<CallbackDocument>('settings', {
  where: "c.type = 'callback' AND (c.caller = null OR c.caller = @caller)", parameters: { caller }, partition: { key: 'kind', value: KIND },
});
