// A small MCP server over stdio: one tool, `note`, that appends its text to a file. What it was started with stands in that file too.
//   node mcp-server.mjs FILE
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const file = process.argv[2];
const write = (line) => appendFileSync(file, `${line}\n`);
const answer = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);

const note = {
    name: 'note',
    description: 'Appends a text to the notes.',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
};

const methods = {
    initialize: (params) => {
        write(`client ${params.clientInfo?.name}`);
        return { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'notes', version: '1' } };
    },
    ping: () => ({}),
    'tools/list': () => ({ tools: [note] }),
    'tools/call': (params) => {
        write(`note ${params.arguments?.text}`);
        return { content: [{ type: 'text', text: `noted ${params.arguments?.text}` }] };
    },
};

write(`started ${process.env.NOTES_TOKEN ?? 'without a token'}`);
createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    const known = methods[method];
    if (id === undefined) {
        return;
    }

    if (known) {
        answer(id, known(params ?? {}));
    } else {
        process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: `No method ${method}.` } })}\n`);
    }
});
