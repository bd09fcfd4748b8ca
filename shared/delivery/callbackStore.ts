// The call-back addresses of callers, with the names of the keys that sign what goes there.
import { queryDocuments, readDocument, type WithEtag } from '../store/cosmos.ts';
import type { CallbackDocument } from '../outbox/documents.ts';

export const CALLBACK_KIND = 'callback';

export const readCallback = (id: string): Promise<WithEtag<CallbackDocument> | undefined> =>
  readDocument<CallbackDocument>('settings', id, CALLBACK_KIND);

export const findCallbacksFor = (caller: string | null): Promise<WithEtag<CallbackDocument>[]> =>
  queryDocuments<CallbackDocument>('settings', {
    where: "c.type = 'callback' AND (c.caller = null OR c.caller = @caller)",
    parameters: { caller },
    partition: { key: 'kind', value: CALLBACK_KIND },
  });

export const findCallbacksSavedSince = (
  audience: CallbackDocument['audience'],
  since: string,
): Promise<WithEtag<CallbackDocument>[]> =>
  queryDocuments<CallbackDocument>('settings', {
    // Addresses of schema 9 and earlier have `tells` in place of `audience`.
    where: "c.type = 'callback' AND (c.audience = @audience OR c.tells = @audience) AND c.savedAt >= @since",
    parameters: { audience, since },
    partition: { key: 'kind', value: CALLBACK_KIND },
  });
