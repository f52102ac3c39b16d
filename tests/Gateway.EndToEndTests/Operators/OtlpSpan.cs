namespace Gateway.EndToEndTests.Operators;

internal sealed record OtlpSpan(string TraceId, string SpanId, string ParentId, string Name, string Service);
