namespace Gateway.Storage;

/// <summary>Which database is in use.</summary>
/// <param name="Name">Word for people and for the health tool, such as <c>sqlite</c>.</param>
public sealed record StorageProvider(string Name);
