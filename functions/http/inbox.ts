// GET /api/v1/inbox: all questions that wait for the caller, with the requests that answer them.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { inboxEntryView } from '../../shared/api/inboxView.ts';
import { InboxQuery } from '../../shared/api/queries.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { readInbox } from '../../shared/inbox/readInbox.ts';
import { queryOf } from './input.ts';

export async function listInbox(request: HttpRequest, caller: Caller): Promise<HttpAnswer> {
  const { limit, continuation } = queryOf(request, InboxQuery);
  const { entries, next } = await readInbox(caller, limit, continuation);
  return jsonAnswer(200, { questions: entries.map(inboxEntryView), next });
}
