// Reads the stored call-back addresses, each with the names of its signing keys. `saveCallback.ts`
// writes them.
import { queryDocuments, readDocument, type WithEtag } from '../store/cosmos.ts';
import type { CallbackDocument } from '../outbox/documents.ts';

/** The kind of the documents that hold call-back addresses. */
export const CALLBACK_KIND = 'callback';

/** Reads one call-back address; gives undefined when there is none. */
export const readCallback = (id: string): Promise<WithEtag<CallbackDocument> | undefined> =>
  readDocument<CallbackDocument>('settings', id, CALLBACK_KIND);

/** Finds the addresses for everybody and for this caller. */
export const findCallbacksFor = (caller: string | null): Promise<WithEtag<CallbackDocument>[]> =>
  queryDocuments<CallbackDocument>('settings', {
    where: "c.type = 'callback' AND (c.caller = null OR c.caller = @caller)",
    parameters: { caller },
    partition: { key: 'kind', value: CALLBACK_KIND },
  });

/** Finds the addresses of one audience with a save since this time. */
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
