using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Storage.Providers.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class FairDispatch : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Jobs_CurrentState_Cli_QueuedAtMs",
                table: "Jobs");

            migrationBuilder.AddColumn<string>(
                name: "Pool",
                table: "Workers",
                type: "character varying(64)",
                maxLength: 64,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<bool>(
                name: "Published",
                table: "Outbox",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<Guid>(
                name: "Holder",
                table: "Locks",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "UntilMs",
                table: "Locks",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "DueAtMs",
                table: "Jobs",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "Priority",
                table: "Jobs",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "ReleasedAtMs",
                table: "Jobs",
                type: "bigint",
                nullable: true);

            migrationBuilder.UpdateData(
                table: "Locks",
                keyColumn: "Name",
                keyValue: "admission",
                columns: new[] { "Holder", "UntilMs" },
                values: new object[] { null, 0L });

            migrationBuilder.InsertData(
                table: "Locks",
                columns: new[] { "Name", "Holder", "Taken", "UntilMs" },
                values: new object[] { "dispatch", null, 0L, 0L });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_CurrentState_Pool_ReleasedAtMs_Priority_Tenant_DueAtMs",
                table: "Jobs",
                columns: new[] { "CurrentState", "Pool", "ReleasedAtMs", "Priority", "Tenant", "DueAtMs" });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_ReleasedAtMs",
                table: "Jobs",
                column: "ReleasedAtMs");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Jobs_CurrentState_Pool_ReleasedAtMs_Priority_Tenant_DueAtMs",
                table: "Jobs");

            migrationBuilder.DropIndex(
                name: "IX_Jobs_ReleasedAtMs",
                table: "Jobs");

            migrationBuilder.DeleteData(
                table: "Locks",
                keyColumn: "Name",
                keyValue: "dispatch");

            migrationBuilder.DropColumn(
                name: "Pool",
                table: "Workers");

            migrationBuilder.DropColumn(
                name: "Published",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "Holder",
                table: "Locks");

            migrationBuilder.DropColumn(
                name: "UntilMs",
                table: "Locks");

            migrationBuilder.DropColumn(
                name: "DueAtMs",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "Priority",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "ReleasedAtMs",
                table: "Jobs");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_CurrentState_Cli_QueuedAtMs",
                table: "Jobs",
                columns: new[] { "CurrentState", "Cli", "QueuedAtMs" });
        }
    }
}
