using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Hosting.Transports;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>What is shown of a message that nobody could take.</summary>
public sealed class MessageOutlineSpecs
{
    private const string Canary = "canary7f3a";
    private static readonly JsonSerializerOptions AsOnTheBus = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public static TheoryData<string> Messages =>
        [.. typeof(EndpointNames).Assembly.GetExportedTypes().Where(type => type is { IsAbstract: false, IsEnum: false } && type.GetProperties().Length > 0).Select(type => type.Name).Distinct()];

    /// <summary>A new text of a message is hidden until somebody has thought about it: this list is that thought.</summary>
    [Fact]
    public void The_texts_that_are_shown_are_words_of_the_gateway() => Assert.Equal(
        "cause cli destinationAddress failureKind faultAddress job kind machineName messageType phase policyHash pool processName provider responseAddress ruleHash sha256 signal source sourceAddress status tenant traceParent warnings workerName",
        string.Join(' ', MessageOutline.Words.Order(StringComparer.Ordinal)));

    [Theory]
    [MemberData(nameof(Messages))]
    public void Of_every_message_ids_and_kinds_are_shown_and_no_text_that_somebody_wrote(string name)
    {
        var type = typeof(EndpointNames).Assembly.GetExportedTypes().Single(one => one.Name == name);
        var text = JsonSerializer.Serialize(Filled(type), type, AsOnTheBus);

        var outline = Outline($$"""{"messageId":"{{Guid.Empty}}","messageType":["urn:message:{{type.FullName}}"],"message":{{text}},"headers":{"{{Canary}}":"{{Canary}}"} }""");

        Assert.Contains($"\"messageId\":\"{Guid.Empty}\",\"messageType\":[\"urn:message:{type.FullName}\"]", outline, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, outline, StringComparison.Ordinal);
    }

    [Fact]
    public void An_end_of_a_run_is_shown_with_its_ids_times_and_figures()
    {
        var job = Guid.NewGuid();
        var message = new RunFailed
        {
            JobId = job,
            Attempt = 2,
            WorkerId = Guid.Empty,
            Epoch = 1,
            Failure = new RunFailure { Kind = FailureKinds.CliError, Message = "words of an agent", Retryable = false },
            Result = new RunResult { EndedAt = DateTimeOffset.UnixEpoch, Duration = TimeSpan.FromSeconds(3), ExitCode = 3, Streams = [new StreamSummary { Stream = OutputStream.Stdout, LengthBytes = 12, Sha256 = "abcd" }], StructuredOutputJson = """{"secret":1}""" },
        };

        using var outline = JsonDocument.Parse(Outline(JsonSerializer.Serialize(message, AsOnTheBus)));
        var (end, result) = (outline.RootElement, outline.RootElement.GetProperty("result"));

        Assert.Equal((job, 2), (end.GetProperty("jobId").GetGuid(), end.GetProperty("attempt").GetInt32()));
        Assert.Equal((FailureKinds.CliError, "(17 bytes)"), (end.GetProperty("failure").GetProperty("kind").GetString(), end.GetProperty("failure").GetProperty("message").GetString()));
        Assert.Equal((DateTimeOffset.UnixEpoch, "00:00:03", 3), (result.GetProperty("endedAt").GetDateTimeOffset(), result.GetProperty("duration").GetString(), result.GetProperty("exitCode").GetInt32()));
        Assert.Equal(12, result.GetProperty("streams")[0].GetProperty("lengthBytes").GetInt64());
        Assert.StartsWith("(", result.GetProperty("structuredOutputJson").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"jobId":"canary7f3a","startedAt":"canary7f3a","duration":"canary7f3a","stream":"canary7f3a"}""")]
    [InlineData("""{"canary7f3a":{"canary7f3a":["canary7f3a"]},"prompt":"canary7f3a","kind":"a canary7f3a with spaces","kind":"canary7f3a\n"}""")]
    [InlineData("""["canary7f3a", {"message":"canary7f3a"}, "canary7f3a"]""")]
    [InlineData("\"canary7f3a\"")]
    [InlineData("canary7f3a")]
    [InlineData("""{"message":"canary7f3a" """)]
    [InlineData("")]
    public void In_a_message_that_is_none_of_ours_nothing_is_taken_for_an_id(string body) =>
        Assert.DoesNotContain(Canary, Outline(body), StringComparison.Ordinal);

    [Fact]
    public void Numbers_are_figures_only_where_a_contract_has_figures() =>
        Assert.Equal("""{"attempt":4,"prompt":"(7 bytes)","(unknown)":"(16 bytes)","jobId":"(7 bytes)"}""", Outline("""{"attempt":4,"prompt":1234567,"card":4111111111111111,"jobId":1234567}"""));

    [Fact]
    public void What_is_no_json_is_told_by_its_length() => Assert.Equal("(3 bytes that are not JSON)", MessageOutline.Of([0xff, 0xfe, 0x00]));

    [Fact]
    public void However_long_a_message_is_its_outline_ends()
    {
        var outline = Outline($"[{string.Join(',', Enumerable.Repeat("\"x\"", 1_000_000))}]");

        Assert.InRange(outline.Length, 1, (64 * 1024) + 1);
        Assert.EndsWith("…", outline, StringComparison.Ordinal);
    }

    private static string Outline(string body) => MessageOutline.Of(Encoding.UTF8.GetBytes(body));

    // Every text somebody could have written; words of ours are left as a fresh message has them.
    private static object Filled(Type type)
    {
        var made = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            if (!MessageOutline.Words.Contains(JsonNamingPolicy.CamelCase.ConvertName(property.Name)))
            {
                property.SetValue(made, Value(property.PropertyType));
            }
        }

        return made;
    }

    private static object? Value(Type type) => type switch
    {
        _ when type == typeof(string) => Canary,
        _ when type == typeof(byte[]) => Encoding.UTF8.GetBytes(Canary),
        _ when Nullable.GetUnderlyingType(type) is { } value => Value(value),
        { IsValueType: true } => Activator.CreateInstance(type),
        { IsGenericType: true } when type.GetGenericArguments() is [var element] => List(element),
        { IsGenericType: true } => null,
        _ => Filled(type),
    };

    private static IList List(Type element)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        list.Add(Value(element));
        return list;
    }
}
