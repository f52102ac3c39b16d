using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Storage.Providers.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class UsageLimits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Jobs_Pool_Priority_Tenant_Grant_Tool_DueAtMs",
                table: "Jobs");

            migrationBuilder.AddColumn<string>(
                name: "CredentialName",
                table: "Jobs",
                type: "TEXT",
                maxLength: 64,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<int>(
                name: "OnUsageLimit",
                table: "Jobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "ParkedMs",
                table: "Jobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<bool>(
                name: "ProbesGate",
                table: "Jobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "CredentialGates",
                columns: table => new
                {
                    Pool = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Credential = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Cli = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    ClosedUntilMs = table.Column<long>(type: "INTEGER", nullable: false),
                    ResetsAtMs = table.Column<long>(type: "INTEGER", nullable: true),
                    ProbeJobId = table.Column<Guid>(type: "TEXT", nullable: true),
                    ProbedAtMs = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CredentialGates", x => new { x.Pool, x.Credential });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_CurrentState_DueAtMs",
                table: "Jobs",
                columns: new[] { "CurrentState", "DueAtMs" },
                filter: "\"CurrentState\" = 'Parked'");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Pool_CredentialName_DueAtMs",
                table: "Jobs",
                columns: new[] { "Pool", "CredentialName", "DueAtMs" },
                filter: "\"OnUsageLimit\" = 1 AND \"CurrentState\" = 'Queued'");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_WaitingLine",
                table: "Jobs",
                columns: new[] { "Pool", "Priority", "Tenant", "Grant", "Tool", "CredentialName", "DueAtMs" },
                filter: "\"CurrentState\" = 'Queued' AND \"ReleasedAtMs\" IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "CredentialGates");

            migrationBuilder.DropIndex(
                name: "IX_Jobs_CurrentState_DueAtMs",
                table: "Jobs");

            migrationBuilder.DropIndex(
                name: "IX_Jobs_Pool_CredentialName_DueAtMs",
                table: "Jobs");

            migrationBuilder.DropIndex(
                name: "IX_Jobs_WaitingLine",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "CredentialName",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "OnUsageLimit",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "ParkedMs",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "ProbesGate",
                table: "Jobs");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Pool_Priority_Tenant_Grant_Tool_DueAtMs",
                table: "Jobs",
                columns: new[] { "Pool", "Priority", "Tenant", "Grant", "Tool", "DueAtMs" },
                filter: "\"CurrentState\" = 'Queued' AND \"ReleasedAtMs\" IS NULL");
        }
    }
}
