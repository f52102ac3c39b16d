using System.Text.Json;
using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;
using Xunit;

namespace Gateway.Tests.Policies;

/// <summary>One meaning has one spelling before a policy sees it.</summary>
public sealed class PresentedArgumentsSpecs
{
    [Theory]
    [InlineData("""{ "permissionMode": "bypassPermissions" }""", """{"dangerouslySkipPermissions":true,"permissionMode":"bypassPermissions"}""")]
    [InlineData("""{ "dangerouslySkipPermissions": true, "maxTurns": 1.50 }""", """{"dangerouslySkipPermissions":true,"maxTurns":1.5,"permissionMode":"bypassPermissions"}""")]
    [InlineData("""{ "dangerouslySkipPermissions": true, "permissionMode": null }""", """{"dangerouslySkipPermissions":true,"permissionMode":"bypassPermissions"}""")]
    [InlineData("""{ "dangerouslySkipPermissions": true, "permissionMode": "plan" }""", """{"dangerouslySkipPermissions":true,"permissionMode":"plan"}""")]
    [InlineData("""{ "dangerouslySkipPermissions": false }""", """{"dangerouslySkipPermissions":false}""")]
    [InlineData("""{ "dangerouslySkipPermissions": "true" }""", """{"dangerouslySkipPermissions":"true"}""")]
    [InlineData("""{ "sandboxMode": "danger-full-access" }""", """{"dangerouslyBypassApprovalsAndSandbox":true,"sandboxMode":"danger-full-access"}""")]
    [InlineData("""{ "dangerouslyBypassApprovalsAndSandbox": true }""", """{"dangerouslyBypassApprovalsAndSandbox":true,"sandboxMode":"danger-full-access"}""")]
    [InlineData("""{ "sandboxMode": "read-only" }""", """{"sandboxMode":"read-only"}""")]
    [InlineData("""{ "fullAuto": true }""", """{"fullAuto":true,"sandboxMode":"workspace-write"}""")]
    [InlineData("""{ "fullAuto": true, "sandboxMode": "read-only" }""", """{"fullAuto":true,"sandboxMode":"read-only"}""")]
    [InlineData("""{ "yolo": true }""", """{"approvalMode":"yolo","yolo":true}""")]
    [InlineData("""{ "approvalMode": "yolo" }""", """{"approvalMode":"yolo","yolo":true}""")]
    [InlineData("""{ "approvalMode": "plan", "yolo": true }""", """{"approvalMode":"plan","yolo":true}""")]
    [InlineData("""{ "promptParts": { "task": "b", "system": "a", "context": null } }""", """{"prompt":"a\n\nb","promptParts":{"context":null,"system":"a","task":"b"}}""")]
    [InlineData("""{ "promptParts": { "task": "b" }, "prompt": "c" }""", """{"prompt":"c","promptParts":{"task":"b"}}""")]
    [InlineData("""{ "promptParts": "b" }""", """{"promptParts":"b"}""")]
    public void What_a_call_means_is_presented_however_it_was_spelled(string sent, string presented)
    {
        var arguments = JsonElement.Parse(sent);

        Assert.Equal(presented, CanonicalJson.Of(PresentedArguments.Of(arguments, null)));
    }

    [Theory]
    [InlineData("""{ "workspace": "a" }""", """{"workingDir":"/srv/a","workspace":"a"}""")]
    [InlineData("""{ "workspace": "a", "workingDir": null }""", """{"workingDir":"/srv/a","workspace":"a"}""")]
    [InlineData("""{ "workspace": "a", "workingDir": "b" }""", """{"workingDir":"b","workspace":"a"}""")]
    [InlineData("""{ "sessionId": "a" }""", """{"sessionId":"a","workingDir":"/srv/a"}""")]
    [InlineData("""{ "prompt": "a" }""", """{"prompt":"a","workingDir":"/srv/a"}""")]
    public void A_folder_that_is_named_by_something_else_is_presented_as_the_folder(string sent, string presented) =>
        Assert.Equal(presented, CanonicalJson.Of(PresentedArguments.Of(JsonElement.Parse(sent), "/srv/a")));
}
