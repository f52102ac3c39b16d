using System.Text.Json.Serialization;
using Gateway.Contracts.Values;

namespace Gateway.Storage;

/// <summary>JSON of what only this project keeps as text.</summary>
[JsonSerializable(typeof(IReadOnlyList<StreamSummary>))]
internal sealed partial class StorageJson : JsonSerializerContext;
