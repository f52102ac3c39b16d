using System.Reflection;
using System.Text;
using Gateway.Contracts.Commands;
using Gateway.Tests.Support;
using MassTransit;
using Xunit;

namespace Gateway.Tests.Architecture;

/// <summary>
/// Names and members of everything that goes over the wire, against the approved text. A change is a review: add members,
/// never rename or remove one, and put the new text into the approved file.
/// </summary>
public sealed class WireFormatSpecs
{
    private const string Approved = "tests/Gateway.Tests/Architecture/wire-format.approved.txt";

    [Fact]
    public void Messages_and_values_are_as_approved()
    {
        var actual = Print();
        var file = RepositoryFiles.Path(Approved);
        if (!File.Exists(file) || File.ReadAllText(file) != actual)
        {
            File.WriteAllText(file.Replace(".approved.", ".received.", StringComparison.Ordinal), actual);
        }

        Assert.Equal(File.Exists(file) ? File.ReadAllText(file) : "", actual);
    }

    private static string Print()
    {
        var text = new StringBuilder();
        foreach (var type in typeof(ClaimRun).Assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(type is { IsClass: true, IsAbstract: false } ? MessageUrn.ForTypeString(type) : type.FullName).Append('\n');
            foreach (var constant in type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                text.Append("  ").Append(constant.Name).Append(" = ").Append(constant.GetRawConstantValue()).Append('\n');
            }

            foreach (var member in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                text.Append("  ").Append(member.Name).Append(" : ").Append(Name(member)).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Name(PropertyInfo member)
    {
        var nullable = new NullabilityInfoContext().Create(member).ReadState == NullabilityState.Nullable;
        var required = member.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null;
        return (required ? "required " : "") + Name(member.PropertyType) + (nullable ? "?" : "");
    }

    private static string Name(Type type) => Nullable.GetUnderlyingType(type) is { } inner
        ? Name(inner)
        : type.IsGenericType
            ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : type.Name;
}
