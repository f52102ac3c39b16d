// A small MCP server: one tool, `note`, that appends its text to a file. What it was started with, or called with, stands in that file too.
//   node mcp-server.mjs FILE          over stdio
//   node mcp-server.mjs FILE --http   over Streamable HTTP on a free port of the loopback, whose address it prints
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

const file = process.argv[2];
const write = (line) => appendFileSync(file, `${line}\n`);

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

// Null for a notification.
const answerTo = (text) => {
    const { id, method, params } = JSON.parse(text);
    if (id === undefined) {
        return null;
    }

    const known = methods[method];
    const outcome = known ? { result: known(params ?? {}) } : { error: { code: -32601, message: `No method ${method}.` } };
    return JSON.stringify({ jsonrpc: '2.0', id, ...outcome });
};

if (process.argv[3] === '--http') {
    const server = createServer(async (request, response) => {
        const parts = [];
        for await (const part of request) {
            parts.push(part);
        }

        if (request.method !== 'POST') {
            response.writeHead(405).end();
            return;
        }

        const text = Buffer.concat(parts).toString();
        if (JSON.parse(text).method === 'initialize') {
            write(`called ${request.headers.authorization ?? 'without a token'}`);
        }

        const answer = answerTo(text);
        response.writeHead(answer ? 200 : 202, { 'content-type': 'application/json' }).end(answer ?? '');
    });
    server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}/mcp\n`));
} else {
    write(`started ${process.env.NOTES_TOKEN ?? 'without a token'}`);
    createInterface({ input: process.stdin }).on('line', (line) => {
        const answer = answerTo(line);
        if (answer) {
            process.stdout.write(`${answer}\n`);
        }
    });
}
