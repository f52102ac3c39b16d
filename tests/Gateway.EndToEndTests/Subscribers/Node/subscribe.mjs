// An example: hears the public events of Gateway over plain AMQP. Usage: node subscribe.mjs AMQP_URL QUEUE
// Prints a line of JSON for each event that it has not had before. Ends when its standard input ends.
import amqp from 'amqplib'

const kinds = ['AgentJobStarted', 'AgentJobRetrying', 'AgentJobCompleted', 'AgentJobFailed', 'AgentJobCanceled']
const [url, queue] = process.argv.slice(2)
const connection = await amqp.connect(url)
const channel = await connection.createChannel()

// Durable, so that nothing is missed while nobody listens. The exchanges are the gateway's; declaring them the same way does no harm.
await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
for (const kind of kinds) {
  const exchange = `Gateway.Contracts.Events:${kind}`
  await channel.assertExchange(exchange, 'fanout', { durable: true })
  await channel.bindQueue(queue, exchange, '')
}

// At least once means that an event may come again, with the same id. A real subscriber keeps the ids with its own data.
const had = new Set()
await channel.prefetch(50)
await channel.consume(queue, (delivery) => {
  const { messageType, message } = JSON.parse(delivery.content.toString())
  if (!had.has(message.eventId)) {
    had.add(message.eventId)
    console.log(JSON.stringify({ kind: messageType[0].split(':').at(-1), messageId: delivery.properties.messageId, ...message }))
  }
  channel.ack(delivery)
})
console.log('ready')

process.stdin.resume()
process.stdin.on('end', () => connection.close())
