// The call-back addresses of callers, with the names of the keys that sign what goes there.
import { query, read, type Stored } from '../store/cosmos.ts';
import type { CallbackDocument } from '../outbox/documents.ts';

export const CALLBACK = 'callback';

export const readCallback = (id: string): Promise<Stored<CallbackDocument> | undefined> =>
  read<CallbackDocument>('settings', id, CALLBACK);

export const callbacksFor = (caller: string | null): Promise<Stored<CallbackDocument>[]> =>
  query<CallbackDocument>('settings', {
    where: "c.type = 'callback' AND (c.caller = null OR c.caller = @caller)",
    parameters: { caller },
    partition: { key: 'kind', value: CALLBACK },
  });

export const callbacksSavedSince = (
  audience: CallbackDocument['audience'],
  since: string,
): Promise<Stored<CallbackDocument>[]> =>
  query<CallbackDocument>('settings', {
    // Addresses of schema 9 and earlier have `tells` in place of `audience`.
    where: "c.type = 'callback' AND (c.audience = @audience OR c.tells = @audience) AND c.savedAt >= @since",
    parameters: { audience, since },
    partition: { key: 'kind', value: CALLBACK },
  });
