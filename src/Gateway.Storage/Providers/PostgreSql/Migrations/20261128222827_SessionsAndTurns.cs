using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Storage.Providers.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class SessionsAndTurns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "ResumesSessionId",
                table: "Requests",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "Forks",
                table: "Jobs",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "KeepsSession",
                table: "Jobs",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "TakesTurns",
                table: "Jobs",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "ActiveSessions",
                columns: table => new
                {
                    Tenant = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Grant = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false),
                    Cli = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    SessionId = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ActiveSessions", x => new { x.Tenant, x.Grant, x.Cli });
                });

            migrationBuilder.CreateTable(
                name: "Sessions",
                columns: table => new
                {
                    SessionId = table.Column<Guid>(type: "uuid", nullable: false),
                    Tenant = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Grant = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false),
                    Cli = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    Description = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    Workspace = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    WorkingDirectory = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: true),
                    WorktreeJson = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true),
                    ProviderSessionId = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    Model = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: true),
                    CreatedAtMs = table.Column<long>(type: "bigint", nullable: false),
                    LastUsedAtMs = table.Column<long>(type: "bigint", nullable: false),
                    JobCount = table.Column<int>(type: "integer", nullable: false),
                    LastJobId = table.Column<Guid>(type: "uuid", nullable: true),
                    HeadJobId = table.Column<Guid>(type: "uuid", nullable: true),
                    HeadAttempt = table.Column<int>(type: "integer", nullable: false),
                    HeadBytes = table.Column<long>(type: "bigint", nullable: false),
                    CostUsd = table.Column<decimal>(type: "numeric(18,6)", precision: 18, scale: 6, nullable: true),
                    InputTokens = table.Column<long>(type: "bigint", nullable: true),
                    OutputTokens = table.Column<long>(type: "bigint", nullable: true),
                    CacheReadTokens = table.Column<long>(type: "bigint", nullable: true),
                    CacheCreationTokens = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Sessions", x => x.SessionId);
                });

            migrationBuilder.CreateTable(
                name: "TurnWaits",
                columns: table => new
                {
                    Key = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: false),
                    JobId = table.Column<Guid>(type: "uuid", nullable: false),
                    Seq = table.Column<long>(type: "bigint", nullable: false),
                    StartMs = table.Column<long>(type: "bigint", nullable: false),
                    IsReady = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TurnWaits", x => new { x.Key, x.JobId });
                });

            migrationBuilder.CreateTable(
                name: "Turns",
                columns: table => new
                {
                    Key = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: false),
                    JobId = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Turns", x => x.Key);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ActiveSessions_SessionId",
                table: "ActiveSessions",
                column: "SessionId");

            migrationBuilder.CreateIndex(
                name: "IX_Sessions_LastUsedAtMs",
                table: "Sessions",
                column: "LastUsedAtMs");

            migrationBuilder.CreateIndex(
                name: "IX_Sessions_Tenant_Grant_Cli_LastUsedAtMs",
                table: "Sessions",
                columns: new[] { "Tenant", "Grant", "Cli", "LastUsedAtMs" });

            migrationBuilder.CreateIndex(
                name: "IX_TurnWaits_JobId",
                table: "TurnWaits",
                column: "JobId");

            migrationBuilder.CreateIndex(
                name: "IX_TurnWaits_Key_IsReady_Seq",
                table: "TurnWaits",
                columns: new[] { "Key", "IsReady", "Seq" });

            migrationBuilder.CreateIndex(
                name: "IX_Turns_JobId",
                table: "Turns",
                column: "JobId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ActiveSessions");

            migrationBuilder.DropTable(
                name: "Sessions");

            migrationBuilder.DropTable(
                name: "TurnWaits");

            migrationBuilder.DropTable(
                name: "Turns");

            migrationBuilder.DropColumn(
                name: "ResumesSessionId",
                table: "Requests");

            migrationBuilder.DropColumn(
                name: "Forks",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "KeepsSession",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "TakesTurns",
                table: "Jobs");
        }
    }
}
