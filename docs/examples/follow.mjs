// Follow the choices of pupils, and keep the newest state of each.   usage: node follow.mjs BROKERS GROUP
import { Kafka as Binding } from 'cloudevents';
import { Kafka, logLevel } from 'kafkajs';

const CHOICES = ['nl.overstappen.choice-registered.v1', 'nl.overstappen.choice-withdrawn.v1'];
const [brokers, groupId] = process.argv.slice(2);
const newest = new Map(); // stands for your database

function read(message) {
  const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, value.toString()]));
  if (message.value === null || !CHOICES.includes(headers.ce_type)) return;
  const event = Binding.toEvent({ key: message.key.toString(), headers, value: message.value.toString() });
  keep(event);
}

// Sequences are compared as text: they are 20 digits long.
function keep(event) {
  const { choice_id, mbo_institution, programme } = event.data;
  if (event.sequence <= (newest.get(choice_id)?.sequence ?? '')) return;
  newest.set(choice_id, event);
  console.log(choice_id, event.sequence, event.type, mbo_institution, programme);
}

const kafka = new Kafka({ clientId: groupId, brokers: brokers.split(','), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
for (const sign of ['SIGINT', 'SIGTERM']) process.once(sign, () => consumer.disconnect());
await consumer.connect();
await consumer.subscribe({ topics: ['overstappen.dossiers'], fromBeginning: true });
// The offset is committed after this function; what is read again changes nothing.
await consumer.run({ eachMessage: async ({ message }) => read(message) });
