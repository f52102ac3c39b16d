// Calls every tool of a gateway with the official TypeScript client, which validates each answer's structuredContent
// against the output schema of its tool, errors included.
// Usage: node call-every-tool.mjs URL KEY. One line for each tool; exit code 1 when one of them is wrong.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

// Members without a value are left out; the text of an output may say null as it likes.
const hasNull = (value) => value === null || (typeof value === 'object' && Object.values(value).some(hasNull));

const [url, key] = process.argv.slice(2);
if (!url || !key) {
  console.error('usage: node call-every-tool.mjs URL KEY');
  process.exit(2);
}

const client = new Client({ name: 'call-every-tool', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${key}` } } }));
const { tools } = await client.listTools();
const called = new Set();
let wrong = 0;

/** Calls a tool, checks the answer with `check`, which returns what is wrong, and prints one line. */
async function call(name, args, check, options) {
  called.add(name);
  let fault;
  let record;
  try {
    const answer = await client.callTool({ name, arguments: args }, undefined, options);
    record = answer.structuredContent;
    fault = shapeFault(answer) ?? check(record, answer);
  } catch (error) {
    fault = error.message;
  }
  wrong += fault ? 1 : 0;
  console.log(`${fault ? 'WRONG' : 'ok'} ${name} ${JSON.stringify(args)}${fault ? `: ${fault}` : ''}`);
  return record;
}

function shapeFault(answer) {
  if (answer.content?.length !== 1 || answer.content[0].type !== 'text') return 'not exactly one text block';
  if (typeof answer.structuredContent?.success !== 'boolean') return 'no success';
  if (answer.structuredContent.success === Boolean(answer.isError)) return 'success and isError disagree';
  if (hasNull(answer.structuredContent)) return 'a member is null';
  return undefined;
}

const succeeds = (record) => (record.success ? undefined : record.error.message);
const fails = (kind) => (record) => (record.error?.kind === kind ? undefined : `not ${kind}: ${JSON.stringify(record)}`);

const started = await call('claude_request_async', { prompt: 'Say hello', labels: ['typescript'] }, succeeds);
const jobId = started?.jobId ?? 'none';
await call('llm_job_status', { jobId, waitMs: 2000, waitFor: 'terminal' }, succeeds, { onprogress: () => {} });
await call('llm_job_status', { jobId }, succeeds);
await call('llm_job_result', { jobId }, succeeds);
await call('llm_job_result', { jobId, rawOutput: true, maxChars: 1000 }, succeeds);
await call('llm_job_list', { label: ['typescript'], limit: 1 }, (record) => succeeds(record) ?? (record.jobs[0]?.id === jobId ? undefined : 'the job is not listed'));
await call('llm_job_cancel', { jobId }, (record) => (record.success || record.error.kind === 'conflict' ? undefined : record.error.message));
await call('llm_job_status', { jobId, waitMs: 20000, waitFor: 'terminal' }, (record) => (['completed', 'failed', 'canceled'].includes(record.job?.status) ? undefined : 'not final'));
await call('llm_job_retry', { jobId, overrides: { maxTurns: 1 } }, (record) => succeeds(record) ?? (record.job.retryOf === jobId ? undefined : 'no retryOf'));
await call('workspace_list', {}, (record) => succeeds(record) ?? (Array.isArray(record.workspaces) ? undefined : 'no list'));
await call('workspace_get', { alias: 'none-of-this-name' }, fails('not_found'));
await call('claude_request', { prompt: 'Say hello', correlationId: 'typescript' }, (record) => succeeds(record) ?? (record.status === 'completed' ? undefined : 'not completed'));
await call('claude_request', { prompt: '[[fake: exit 3]]' }, fails('cli_error'));
await call('claude_request', { prompt: '[[fake: sleep 500]]', waitMs: 0 }, (record) => succeeds(record) ?? (record.status === 'deferred' ? undefined : 'not deferred'));
await call('llm_request_result', { correlationId: 'typescript' }, (record) => succeeds(record) ?? (record.request.status === 'completed' ? undefined : 'not completed'));
await call('llm_request_result', { correlationId: 'nobodys' }, fails('not_found'));
await call('llm_process_health', {}, succeeds);
await call('list_models', {}, (record) => succeeds(record) ?? (record.claude.models ? undefined : 'no models'));
await call('cli_versions', { cli: 'claude' }, (record) => succeeds(record) ?? (record.versions.length === 1 ? undefined : 'not one CLI'));
await call('approval_list', { status: 'pending' }, (record) => succeeds(record) ?? (record.count === 0 ? undefined : 'somebody is asked'));
await call('approval_decide', { approvalId: 'apr_unknown', decision: 'approve' }, fails('not_found'));
const session = (await call('session_create', { cli: 'claude', description: 'typescript' }, succeeds))?.session;
await call('session_set_active', { cli: 'claude', sessionId: session?.id }, (record) => succeeds(record) ?? (record.activeSessionId === session?.id ? undefined : 'not active'));
await call('session_set_active', { cli: 'claude' }, succeeds);
await call('session_get', { sessionId: session?.id }, succeeds);
await call('session_list', { cli: 'claude', limit: 1 }, succeeds);
await call('session_delete', { sessionId: session?.id }, succeeds);
await call('session_clear_all', { cli: 'gemini' }, (record) => succeeds(record) ?? (record.deletedCount === 0 ? undefined : 'somebody was deleted'));

// An error has to fit the same output schema, else this client throws.
for (const name of ['llm_job_status', 'llm_job_result', 'llm_job_cancel', 'llm_job_retry']) {
  await call(name, { jobId: 'job_unknown' }, fails('not_found'));
}
await call('claude_request_async', { prompt: '', maxTurns: 0 }, fails('invalid_input'));
for (const name of ['codex_request', 'codex_request_async']) {
  await call(name, { prompt: '', sandboxMode: 'all' }, fails('invalid_input'));
}
for (const name of ['gemini_request', 'gemini_request_async']) {
  await call(name, { prompt: '', approvalMode: 'all' }, fails('invalid_input'));
}
await call('llm_job_list', { limit: 0 }, fails('invalid_input'));
for (const name of ['session_get', 'session_delete']) {
  await call(name, { sessionId: '9f1c1f9e-3f5e-4b57-8f5e-0123456789ab' }, fails('not_found'));
}
await call('session_create', { cli: 'none' }, fails('invalid_input'));
await call('session_set_active', {}, fails('invalid_input'));
await call('session_list', { limit: 0 }, fails('invalid_input'));
await call('session_clear_all', { cli: 'none' }, fails('invalid_input'));
await call('approval_list', { limit: 0 }, fails('invalid_input'));
await call('approval_decide', { decision: 'maybe' }, fails('invalid_input'));
await call('llm_process_health', { all: true }, fails('invalid_input'));
await call('list_models', { cli: 'none' }, fails('invalid_input'));
await call('cli_versions', { cli: 'none' }, fails('invalid_input'));

for (const tool of tools.filter((t) => !called.has(t.name))) {
  wrong += 1;
  console.log(`WRONG ${tool.name}: is listed but this test does not call it`);
}
await client.close();
process.exit(wrong > 0 ? 1 : 0);
